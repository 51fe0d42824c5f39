/** The purposes of GPT partition types. Source: UEFI 2.10, table 5.7; the Discoverable Partitions Specification. */
const gptPurposes: Readonly<Record<string, string>> = {
  "C12A7328-F81F-11D2-BA4B-00A0C93EC93B": "EFI system",
  "21686148-6449-6E6F-744E-656564454649": "BIOS boot",
  "BC13C2FF-59E6-4262-A352-B275FD6F7172": "extended boot",
  "0FC63DAF-8483-4772-8E79-3D69D8477DE4": "Linux",
  "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709": "root, x86-64",
  "B921B045-1DF0-41C3-AF44-4C6F280D3FAE": "root, arm64",
  "933AC7E1-2EB4-4F13-B844-0E14E2AEF915": "home",
  "3B8F8425-20E0-4F3B-907F-1A25A76F98E8": "server data",
  "4D21B016-B534-45C2-A9FB-5C16E091FD2D": "variable data",
  "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F": "swap",
  "E6D6D379-F507-44C2-A23C-238F2A3DF928": "LVM",
  "A19D880F-05FC-4D3B-A006-743F0F84911E": "RAID",
  "CA7D7CCB-63ED-4C53-861C-1742536059CC": "LUKS",
  "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7": "data",
  "E3C9E316-0B5C-4DB8-817D-F92DF00215AE": "reserved",
  "9E1A2D38-C612-4316-AA26-8B49521E5A8B": "PReP boot",
  "6A898CC3-1DD2-11B2-99A6-080020736631": "ZFS",
};

const msdosPurposes: Readonly<Record<number, string>> = {
  0x01: "FAT12",
  0x04: "FAT16",
  0x06: "FAT16",
  0x07: "NTFS or exFAT",
  0x0b: "FAT32",
  0x0c: "FAT32",
  0x0e: "FAT16",
  0x82: "swap",
  0x83: "Linux",
  0x8e: "LVM",
  0xee: "protective",
  0xef: "EFI system",
  0xfd: "RAID",
};

/** Returns the purpose of a partition type; `other` for an unknown type. */
export function purposeOf(type: string | number): string {
  return (typeof type === "string" ? gptPurposes[type] : msdosPurposes[type]) ?? "other";
}

/** Purposes of partitions that directly hold a filesystem. */
export const filesystemPurposes: ReadonlySet<string> = new Set([
  "EFI system",
  "extended boot",
  "Linux",
  "root, x86-64",
  "root, arm64",
  "home",
  "server data",
  "variable data",
  "FAT12",
  "FAT16",
  "FAT32",
  "NTFS or exFAT",
]);
