import type { Bytes } from "../../base/units.ts";
import { le16, le32, u8 } from "../fields.ts";

// Extended attributes: some stand in the inode, behind four bytes of magic, the others in a block. Source: kernel.org,
// filesystems/ext4, "Extended Attributes".

/** The header in an inode. */
export const xattrBodyHeader = {
  /** `xattrMagic`. */
  magic: le32(0),
} as const;

export const xattrBlockHeader = {
  /** `xattrMagic`. */
  magic: le32(0),
  /** Inodes that share the block. */
  references: le32(4),
  /** Always 1. */
  blocks: le32(8),
  /** Over the hashes of all entries. */
  hash: le32(12),
  /** `xattrBlockChecksum`. */
  checksum: le32(16),
} as const;

/** An attribute. Its name, without the prefix, stands behind these fields; four bytes of zeros end the list. */
export const xattrEntry = {
  nameLength: u8(0),
  /** One of `xattrPrefixes`. */
  prefix: u8(1),
  /** Where the value stands: from the first entry on in an inode, from the block's start on in a block. */
  valueAt: le16(2),
  /** In bytes. */
  valueLength: le32(8),
  /** Over name and value; 0 in an inode. */
  hash: le32(12),
} as const;

export const xattrMagic = 0xea02_0000;
/** The bytes of the magic before an inode's attributes, of a block's header, and of an entry without its name. */
export const xattrBodyHeaderLength: Bytes = 4;
export const xattrBlockHeaderLength: Bytes = 32;
export const xattrEntryLength: Bytes = 16;
export const xattrEndLength: Bytes = 4;

/** The numbers that stand for the beginnings of names. `system` is for inline data. */
export const xattrPrefixes = { user: 1, accessAcl: 2, defaultAcl: 3, trusted: 4, security: 6, system: 7 } as const;

/** The bytes that a name or a value takes: a multiple of 4. */
export function paddedXattr(length: Bytes): Bytes {
  return (length + 3) & ~3;
}
