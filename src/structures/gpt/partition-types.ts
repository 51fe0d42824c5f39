/**
 * The types of GPT partitions that this program knows by a name, as GUIDs in capitals.
 *
 * Source: UEFI Specification 2.10, table 5.7; the Discoverable Partitions Specification; GPT fdisk's list.
 */
export const gptTypes = {
  efiSystem: "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
  /** No filesystem, but room for a bootloader. */
  biosBoot: "21686148-6449-6E6F-744E-656564454649",
  extendedBoot: "BC13C2FF-59E6-4262-A352-B275FD6F7172",
  linux: "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
  rootX86: "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
  rootArm64: "B921B045-1DF0-41C3-AF44-4C6F280D3FAE",
  home: "933AC7E1-2EB4-4F13-B844-0E14E2AEF915",
  serverData: "3B8F8425-20E0-4F3B-907F-1A25A76F98E8",
  variableData: "4D21B016-B534-45C2-A9FB-5C16E091FD2D",
  linuxSwap: "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
  lvm: "E6D6D379-F507-44C2-A23C-238F2A3DF928",
  raid: "A19D880F-05FC-4D3B-A006-743F0F84911E",
  luks: "CA7D7CCB-63ED-4C53-861C-1742536059CC",
  /** FAT and NTFS that no other type stands for. */
  basicData: "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
  microsoftReserved: "E3C9E316-0B5C-4DB8-817D-F92DF00215AE",
  windowsRecovery: "DE94BBA4-06D1-4D40-A16A-BFD50179D6AC",
  prepBoot: "9E1A2D38-C612-4316-AA26-8B49521E5A8B",
  zfs: "6A898CC3-1DD2-11B2-99A6-080020736631",
  appleHfs: "48465300-0000-11AA-AA11-00306543ECAC",
  intelFastFlash: "D3BFE2DE-3DAF-11DF-BA40-E3A556D89593",
  chromeOsKernel: "FE3A2A5D-4F32-41A7-B725-ACCC3285A309",
} as const;
