import type { Bytes } from "../../base/units.ts";
import { le16, le32 } from "../fields.ts";

/**
 * The descriptor of a block group. What ends in `High` has the upper bits of the field before, and is there in wide
 * descriptors only.
 *
 * Source: kernel.org, filesystems/ext4, "Block Group Descriptors".
 */
export const groupDescriptor = {
  blockBitmap: le32(0x00),
  inodeBitmap: le32(0x04),
  /** The first block of the group's inodes. */
  inodeTable: le32(0x08),
  freeBlocks: le16(0x0c),
  freeInodes: le16(0x0e),
  folders: le16(0x10),
  /** Bits of `groupFlags`. */
  flags: le16(0x12),
  /** `bitmapChecksum`, its lower 16 bits. */
  blockBitmapChecksum: le16(0x18),
  inodeBitmapChecksum: le16(0x1a),
  /** Inodes at the end of the table that were never used. */
  unusedInodes: le16(0x1c),
  /** `descriptorChecksum`. */
  checksum: le16(0x1e),
  blockBitmapHigh: le32(0x20),
  inodeBitmapHigh: le32(0x24),
  inodeTableHigh: le32(0x28),
  blockBitmapChecksumHigh: le16(0x38),
  inodeBitmapChecksumHigh: le16(0x3a),
} as const;

/** The bytes of a descriptor without the feature `wideBlockNumbers`, and of one with all fields. */
export const narrowDescriptorSize: Bytes = 32;
export const wideDescriptorSize: Bytes = 64;

/** Bitmaps and table that count as zeros without being written, and a table that is all zeros where it is not used. */
export const groupFlags = { inodesUninitialized: 1, blocksUninitialized: 2, tableZeroed: 4 } as const;

/** Whether a group begins with a copy of the superblock and the descriptors: 0, 1 and the powers of 3, 5 and 7. */
export function hasSuperblock(group: number): boolean {
  return group <= 1 || [3, 5, 7].some((base) => isPower(group, base));
}

function isPower(value: number, base: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}
