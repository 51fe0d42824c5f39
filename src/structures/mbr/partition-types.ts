/** The types of MBR partitions that this program knows by a name. Source: fdisk's list; parted 3.5, libparted/labels/dos.c. */
export const mbrTypes = {
  fat12: 0x01,
  /** Below 32 MiB. */
  fat16Small: 0x04,
  extended: 0x05,
  fat16: 0x06,
  /** NTFS, and exFAT. */
  ntfs: 0x07,
  fat32: 0x0b,
  fat32Lba: 0x0c,
  fat16Lba: 0x0e,
  extendedLba: 0x0f,
  diagnostics: 0x12,
  windowsRecovery: 0x27,
  prepBoot: 0x41,
  linuxSwap: 0x82,
  linux: 0x83,
  intelRapidStart: 0x84,
  linuxExtended: 0x85,
  lvm: 0x8e,
  hfs: 0xaf,
  extendedBoot: 0xea,
  /** Keeps programs that know no GPT from the disk of one. */
  protective: 0xee,
  efiSystem: 0xef,
  palo: 0xf0,
  raid: 0xfd,
} as const;

/** The types of a partition that holds logical ones. */
export const extendedTypes: readonly number[] = [mbrTypes.extended, mbrTypes.extendedLba, mbrTypes.linuxExtended];

/** Whether a partition of this type holds logical ones. */
export function isExtendedType(type: string | number): boolean {
  return extendedTypes.some((each) => each === type);
}
