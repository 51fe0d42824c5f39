import type { Bytes } from "../../base/units.ts";
import { le16, le32, raw, u8 } from "../fields.ts";

/**
 * An entry of a folder: a file, a folder, or the label.
 *
 * Source: Microsoft FAT specification, "Directory structure".
 */
export const fatEntry = {
  /** 8 characters and 3, filled up with spaces. The first byte may be one of `fatFirstBytes`. */
  name: raw(0, 11),
  /** See `fatAttributes`. */
  attributes: u8(11),
  /** See `fatSmallLetters`. */
  smallLetters: u8(12),
  createdTime: le16(14),
  createdDate: le16(16),
  accessedDate: le16(18),
  /** The upper 16 bits of the first cluster's number. */
  clusterHigh: le16(20),
  modifiedTime: le16(22),
  modifiedDate: le16(24),
  /** The lower 16 bits of the first cluster's number. */
  clusterLow: le16(26),
  /** Bytes of a file; 0 of a folder. */
  size: le32(28),
} as const;

/** An entry with a part of a long name, before the file's own. Source: as above, "Long name directory entries". */
export const fatLongNameEntry = {
  /** Counted from 1; the last part, which stands first, has `lastPart` as well. */
  order: u8(0),
  /** `fatAttributes.longName`. */
  attributes: u8(11),
  /** `shortNameChecksum` of the file's own entry. */
  checksum: u8(13),
} as const;

/** Where a long name's entry has its UTF-16 units. Behind the name's end stand a 0 and then FFFFh. */
export const longNameUnits: readonly Bytes[] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
/** A long name's units. */
export const longestFatName = 255;
export const lastPart = 0x40;
/** The bits of the order that count. */
export const partOrderMask = 0x3f;

/** The bytes of each entry. */
export const fatEntryLength: Bytes = 32;
/** A folder has at most 2 MiB. */
export const mostFatEntries = 65_536;

export const fatAttributes = { label: 0x08, folder: 0x10, archive: 0x20, longName: 0x0f, longNameMask: 0x3f } as const;
/** First bytes of names with a meaning: no further entries, an entry of no use, and E5h as the name's own. */
export const fatFirstBytes = { end: 0x00, deleted: 0xe5, escapedE5: 0x05 } as const;
/** Bits that say that the name, or its ending, is meant in small letters. */
export const fatSmallLetters = { base: 0x08, ending: 0x10 } as const;

/** The checksum by which the parts of a long name know the entry that they belong to, over its 11 bytes. */
export function shortNameChecksum(name: Uint8Array): number {
  return name.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}
