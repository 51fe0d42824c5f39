import type { Bytes } from "../../base/units.ts";
import { le16, le32 } from "../fields.ts";

// The tree that says where a file's blocks are. Each node is a header with entries behind it; that of the root is the block
// area of the inode. Source: kernel.org, filesystems/ext4, "The Contents of inode.i_block", "Extent Tree".

export const extentHeader = {
  /** `extentMagic`. */
  magic: le16(0),
  /** Entries that follow. */
  entries: le16(2),
  /** Entries that there is room for. */
  capacity: le16(4),
  /** Levels below this node: 0 where the entries are extents. */
  depth: le16(6),
} as const;

/** An entry of a node of depth 0: blocks in one piece. */
export const extentLeaf = {
  /** The first block in the file. */
  logical: le32(0),
  /** Blocks; above `longestExtent` they are reserved, and read as zeros. */
  length: le16(4),
  blockHigh: le16(6),
  /** The first block in the filesystem. */
  block: le32(8),
} as const;

/** An entry of any other node: another node. */
export const extentIndex = {
  /** The first block in the file that the node is about. */
  logical: le32(0),
  /** The node's block. */
  block: le32(4),
  blockHigh: le16(8),
} as const;

export const extentMagic = 0xf30a;
/** The bytes of the header, and of each entry. In a block the checksum follows the last entry. */
export const extentEntryLength: Bytes = 12;
export const longestExtent = 32768;
export const deepestExtentTree = 5;
