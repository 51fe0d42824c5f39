import { gptTypes } from "../structures/gpt/partition-types.ts";
import { mbrTypes } from "../structures/mbr/partition-types.ts";

/** The purposes of GPT partition types. */
const gptPurposes: Readonly<Record<string, string>> = {
  [gptTypes.efiSystem]: "EFI system",
  [gptTypes.biosBoot]: "BIOS boot",
  [gptTypes.extendedBoot]: "extended boot",
  [gptTypes.linux]: "Linux",
  [gptTypes.rootX86]: "root, x86-64",
  [gptTypes.rootArm64]: "root, arm64",
  [gptTypes.home]: "home",
  [gptTypes.serverData]: "server data",
  [gptTypes.variableData]: "variable data",
  [gptTypes.linuxSwap]: "swap",
  [gptTypes.lvm]: "LVM",
  [gptTypes.raid]: "RAID",
  [gptTypes.luks]: "LUKS",
  [gptTypes.basicData]: "data",
  [gptTypes.microsoftReserved]: "reserved",
  [gptTypes.prepBoot]: "PReP boot",
  [gptTypes.zfs]: "ZFS",
};

const msdosPurposes: Readonly<Record<number, string>> = {
  [mbrTypes.fat12]: "FAT12",
  [mbrTypes.fat16Small]: "FAT16",
  [mbrTypes.fat16]: "FAT16",
  [mbrTypes.ntfs]: "NTFS or exFAT",
  [mbrTypes.fat32]: "FAT32",
  [mbrTypes.fat32Lba]: "FAT32",
  [mbrTypes.fat16Lba]: "FAT16",
  [mbrTypes.linuxSwap]: "swap",
  [mbrTypes.linux]: "Linux",
  [mbrTypes.lvm]: "LVM",
  [mbrTypes.protective]: "protective",
  [mbrTypes.efiSystem]: "EFI system",
  [mbrTypes.raid]: "RAID",
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
