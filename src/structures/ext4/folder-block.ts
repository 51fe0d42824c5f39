import type { Bytes } from "../../base/units.ts";
import { le16, le32, u8 } from "../fields.ts";

/**
 * An entry of a folder. The name stands behind these fields.
 *
 * Source: kernel.org, filesystems/ext4, "Directory Entries".
 */
export const extFolderEntry = {
  /** 0 for an entry that names nothing. */
  inode: le32(0),
  /** Bytes up to the next entry: the last one of a block reaches to its end, or its tail. */
  length: le16(4),
  nameLength: u8(6),
  /** One of `entryTypes`. */
  type: u8(7),
} as const;

/** Where the name begins, at a multiple of 4 as all entries do. */
export const entryHeaderLength: Bytes = 8;

/** The end of each block of entries, dressed as an entry. Source: as above, "Directory Block Tails". */
export const folderTail = {
  /** `folderTailLength`. */
  length: le16(4),
  /** `tailType`. */
  type: u8(7),
  /** `folderChecksum`. */
  checksum: le32(8),
} as const;

export const folderTailLength: Bytes = 12;
export const tailType = 0xde;

/** The types of what entries name. */
export const entryTypes = {
  file: 1,
  directory: 2,
  "character-device": 3,
  "block-device": 4,
  fifo: 5,
  socket: 6,
  symlink: 7,
} as const;

/** The first block of a hash tree, from its entries `.` and `..` on. Source: as above, "Hash Tree Directories". */
export const hashTreeRoot = {
  /** One of `nameHashes`. */
  nameHash: u8(28),
  /** 8: the bytes of these fields. */
  infoLength: u8(29),
  /** Levels between the root and the leaves. */
  levels: u8(30),
} as const;

/** Where the children begin in the root, and in a node, which begins as an entry that names nothing. */
export const rootChildrenAt: Bytes = 32;
export const nodeChildrenAt: Bytes = 8;

/** A child of a root or a node. The first one's hash is left out: `hashTreeCounts` stand there. */
export const hashTreeChild = {
  /** The least hash of its names. */
  hash: le32(0),
  /** In blocks of the folder. */
  block: le32(4),
} as const;

/** Children that there is room for, and that there are. */
export const hashTreeCounts = { capacity: le16(0), count: le16(2) } as const;
/** The bytes of each child. Behind the room for the last one stand four bytes of zeros, and the checksum. */
export const hashTreeChildLength: Bytes = 8;
export const hashTreeChecksum = { reserved: le32(0), checksum: le32(4) } as const;
