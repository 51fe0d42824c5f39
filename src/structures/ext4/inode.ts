import type { Bytes } from "../../base/units.ts";
import { le16, le32, les32, raw } from "../fields.ts";

/**
 * An inode. What is behind its first 128 bytes is there as far as `extraSize` says.
 *
 * Source: kernel.org, filesystems/ext4, "Index Nodes".
 */
export const extInode = {
  /** Type and permissions: see `inodeTypes`. */
  mode: le16(0x00),
  uid: le16(0x02),
  /** In bytes. */
  size: le32(0x04),
  /** Times: seconds since 1970, as 32 bits with a sign. See `extTime`. */
  accessTime: les32(0x08),
  changeTime: les32(0x0c),
  modificationTime: les32(0x10),
  gid: le16(0x18),
  links: le16(0x1a),
  /** The space that is taken, in sectors of 512 bytes. */
  sectors: le32(0x1c),
  /** Bits of `inodeFlags`. */
  flags: le32(0x20),
  /** An extent tree, block numbers, a link's target, a device's numbers, or content. */
  blockArea: raw(0x28, 60),
  /** The block with extended attributes; 0 where there is none. */
  xattrBlock: le32(0x68),
  sizeHigh: le32(0x6c),
  sectorsHigh: le16(0x74),
  xattrBlockHigh: le16(0x76),
  uidHigh: le16(0x78),
  gidHigh: le16(0x7a),
  /** `inodeChecksum`, its lower 16 bits. */
  checksum: le16(0x7c),
  /** Bytes of fields behind the first 128. */
  extraSize: le16(0x80),
  checksumHigh: le16(0x82),
  /** Two further bits of the seconds, then the nanoseconds. */
  changeTimeExtra: le32(0x84),
  modificationTimeExtra: le32(0x88),
  accessTimeExtra: le32(0x8c),
  madeTime: les32(0x90),
  madeTimeExtra: le32(0x94),
} as const;

/** The bytes of an inode that all revisions have. */
export const leastInodeSize: Bytes = 128;
/** Numbers of inodes that no name has to lead to, the root's, and the first that anything can have. */
export const inodeNumbers = { root: 2, resize: 7, journal: 8, first: 11 } as const;

export const inodeFlags = {
  /** A folder with a hash tree. */
  indexed: 0x1000,
  extents: 0x80000,
  /** The content stands in the inode. */
  inline: 0x1000_0000,
} as const;

/** The types of files, as a mode has them in `inodeTypeMask`. */
export const inodeTypes = {
  fifo: 0x1000,
  "character-device": 0x2000,
  directory: 0x4000,
  "block-device": 0x6000,
  file: 0x8000,
  symlink: 0xa000,
  socket: 0xc000,
} as const;
export const inodeTypeMask = 0xf000;

/**
 * The range of times, in seconds: 34 bits from -2^31 on, without the last 2^32. e2fsck takes dates after 2310-04-04 for
 * ones before 1970.
 */
export const earliestTime = -(2 ** 31);
export const latestTime = 0x2_8000_0000 - 1;

/** The time in a field of 32 bits, with what stands behind the first 128 bytes. */
export function extTime(seconds: number, extra: number): { readonly seconds: number; readonly nanoseconds: number } {
  return { seconds: seconds + (extra & 3) * 2 ** 32, nanoseconds: extra >>> 2 };
}

/** Block numbers in the block area, without extents: so many direct ones, then of blocks of 1, 2 and 3 levels of numbers. */
export const directBlocks = 12;
export const blockNumberLength: Bytes = 4;

/** The two words of a device's numbers: those of 8 bits each stand in the first, larger ones in the second. */
export function deviceWords(major: number, minor: number): [small: number, wide: number] {
  if (major < 256 && minor < 256) return [major * 256 + minor, 0];
  return [0, ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0];
}

export function deviceNumbers(small: number, wide: number): { readonly major: number; readonly minor: number } {
  if (small !== 0) return { major: small >>> 8, minor: small & 0xff };
  return { major: (wide >>> 8) & 0xfff, minor: (wide & 0xff) | ((wide >>> 12) & 0xfff00) };
}
