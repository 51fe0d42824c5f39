import type { Bytes } from "../../base/units.ts";
import { le16, le32, raw, u8 } from "../fields.ts";
import { readRecord, type RecordValues } from "../record.ts";

/**
 * The first sector of a disk with a partition table, and of each record of logical partitions; its first 512 bytes, where
 * sectors are larger. The four entries begin at `mbrEntriesAt`.
 *
 * Source: UEFI Specification 2.10, table 5.1.
 */
export const mbrSector = {
  bootCode: raw(0, 440),
  /** The number that names the disk. */
  diskSignature: le32(440),
  /** `bootMark`. A filesystem's boot sector has it too. */
  mark: le16(510),
} as const;

/**
 * An entry of the table in sector 0: a partition. One whose type is 0 is not used.
 *
 * Source: UEFI Specification 2.10, table 5.2.
 */
export const mbrEntry = {
  /** The highest bit says that the partition is active; the others are zeros. */
  status: u8(0),
  /** The first sector by cylinder, head and sector. */
  firstPlace: raw(1, 3),
  /** The kind of content: see `mbrTypes`. */
  type: u8(4),
  /** The last sector by cylinder, head and sector. */
  lastPlace: raw(5, 3),
  /** The first sector. */
  first: le32(8),
  /** How many sectors there are. */
  count: le32(12),
} as const;

/** The bytes that an MBR takes of its sector. */
export const mbrLength: Bytes = 512;
/** The bytes 55 AA. */
export const bootMark = 0xaa55;
/** The place that fdisk gives to sectors which lie beyond all that cylinders, heads and sectors can name. */
export const beyondCylinders: Uint8Array = Uint8Array.of(0xfe, 0xff, 0xff);

/** Where the four entries begin. */
export const mbrEntryPlaces: readonly Bytes[] = [446, 462, 478, 494];

/** Reads all four entries, used or not. */
export function readMbrEntries(sector: Buffer): RecordValues<typeof mbrEntry>[] {
  return mbrEntryPlaces.map((start) => readRecord(mbrEntry, sector, start));
}

/** Whether a sector, whose first bytes these are, has the mark that a table or boot code is in it. */
export function hasBootMark(sector: Buffer): boolean {
  return sector.length >= mbrLength && mbrSector.mark.read(sector) === bootMark;
}

/** Whether a status is one that entries have: code that stands in their place mostly has another. */
export function isMbrStatus(status: number): boolean {
  return (status & 0x7f) === 0;
}
