import type { Bytes, Sectors } from "../../base/units.ts";
import { latin1, le16, le32, raw, u8 } from "../fields.ts";

/**
 * The boot sector of every FAT filesystem; its first 512 bytes, where sectors are larger.
 *
 * Source: Microsoft FAT specification, "Boot sector and BPB".
 */
export const fatBootSector = {
  /** An instruction that jumps to the code: see `fatJump`. */
  jump: raw(0, 3),
  /** The program that made the filesystem. NTFS and exFAT have their own name here. */
  maker: latin1(3, 8),
  /** Bytes of a sector. */
  sectorSize: le16(11),
  sectorsPerCluster: u8(13),
  /** Sectors before the first allocation table, the boot sector among them. */
  reservedSectors: le16(14),
  /** How many allocation tables there are. */
  tables: u8(16),
  /** Entries of the root folder; 0 in FAT32. */
  rootEntries: le16(17),
  /** Sectors of the whole; 0 where `wideTotalSectors` says it. */
  totalSectors: le16(19),
  /** See `isFatMedia`. */
  media: u8(21),
  /** Sectors of an allocation table; 0 in FAT32, where `fat32Parameters` say it. */
  sectorsPerTable: le16(22),
  sectorsPerTrack: le16(24),
  heads: le16(26),
  /** Sectors of the disk before the filesystem. */
  hiddenSectors: le32(28),
  /** Sectors of the whole; 0 where `totalSectors` says it. */
  wideTotalSectors: le32(32),
  /** `bootMark` of an MBR. */
  mark: le16(510),
} as const;

/** The fields that only FAT32 has. Source: as above. */
export const fat32Parameters = {
  /** Sectors of an allocation table. */
  sectorsPerTable: le32(36),
  /** The first cluster of the root folder. */
  rootCluster: le32(44),
  /** The sector of `fatInformation`. */
  informationSector: le16(48),
  /** The sector of the boot sector's copy; that of `fatInformation` follows it. */
  backupSector: le16(50),
} as const;

/** The fields that begin at `fatIdentityAt`. Source: as above. */
export const fatIdentity = {
  /** The BIOS's number of the disk. */
  drive: u8(0),
  /** `fatIdentityMark`, where the three fields that follow are there. */
  mark: u8(2),
  volumeId: le32(3),
  /** `fatLabel`. */
  label: latin1(7, 11),
  /** `FAT12`, `FAT16` or `FAT32`, filled up with spaces: no driver goes by it. */
  typeName: latin1(18, 8),
} as const;

/** Where the identity stands: behind all other fields. */
export const fatIdentityAt = { 12: 36, 16: 36, 32: 64 } as const satisfies Readonly<Record<number, Bytes>>;
export const fatIdentityMark = 0x29;
/** The bytes of the identity, behind which the code begins. */
export const fatIdentityLength: Bytes = 26;

/** The sector FSInfo of FAT32. Source: Microsoft FAT specification, "FSInfo sector". */
export const fatInformation = {
  leadMark: latin1(0, 4),
  structureMark: latin1(484, 4),
  freeClusters: le32(488),
  /** Where to look for a free cluster first. */
  nextFree: le32(492),
  /** `bootMark` of an MBR. */
  mark: le16(510),
} as const;

export const fatInformationMarks = { leadMark: "RRaA", structureMark: "rrAa" } as const;
/** Where FAT32 keeps its copies: the specification allows no other places. */
export const fat32Sectors = { informationSector: 1, backupSector: 6 } as const satisfies Record<string, Sectors>;
/** The bytes of a boot sector that say something. */
export const fatBootLength: Bytes = 512;
/** The media byte of a disk that stays in its machine. */
export const fixedMedia = 0xf8;

/** Whether the byte is one that media have. */
export function isFatMedia(media: number): boolean {
  return media === 0xf0 || media >= fixedMedia;
}

/** The jump to code that begins at byte `code`. */
export function fatJump(code: Bytes): Uint8Array {
  return Uint8Array.of(0xeb, code - 2, 0x90);
}

/** Whether the sector begins with a jump instruction: firmware and other systems look for one. */
export function hasFatJump(sector: Uint8Array): boolean {
  return (sector[0] === 0xeb && sector[2] === 0x90) || sector[0] === 0xe9;
}

/** The names of its type that a sector has, in FAT12's place and in FAT32's. */
export function fatTypeNames(sector: Buffer): string[] {
  return [fatIdentityAt[16], fatIdentityAt[32]].map((start) => fatIdentity.typeName.read(sector, start));
}

/** A label as boot sector and root folder hold it. */
export function fatLabel(label: string): string {
  return (label === "" ? "NO NAME" : label).padEnd(fatIdentity.label.length);
}
