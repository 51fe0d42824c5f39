import type { Bytes } from "../../base/units.ts";
import { le16, le32, raw, u8 } from "../fields.ts";

/**
 * The superblock of ext2, ext3 and ext4. Of a number in two fields the second has the upper 32 bits, or the upper 8 of a
 * time, and counts only with the feature `wideBlockNumbers`.
 *
 * Source: kernel.org, filesystems/ext4, "The Super Block".
 */
export const extSuperblock = {
  inodes: le32(0x00),
  blocks: le32(0x04),
  /** Blocks that only root may fill. */
  reservedBlocks: le32(0x08),
  /** Free clusters, where there are any; else blocks. */
  freeBlocks: le32(0x0c),
  freeInodes: le32(0x10),
  /** 1 with blocks of 1 KiB, else 0. */
  firstDataBlock: le32(0x14),
  /** A block has 2 to the power of this, in KiB. */
  logBlockSize: le32(0x18),
  /** A cluster has 2 to the power of this, in KiB. */
  logClusterSize: le32(0x1c),
  blocksPerGroup: le32(0x20),
  clustersPerGroup: le32(0x24),
  inodesPerGroup: le32(0x28),
  /** In seconds since 1970. */
  writeTime: le32(0x30),
  /** Mounts before a check; FFFFh for none. */
  mostMounts: le16(0x36),
  /** `extMagic`. */
  magic: le16(0x38),
  /** `extStates`. */
  state: le16(0x3a),
  /** `extErrorBehaviours`. */
  errors: le16(0x3c),
  checkTime: le32(0x40),
  /** 0 for Linux, up to 4. */
  creator: le32(0x48),
  /** 0, or `dynamicRevision`. */
  revision: le32(0x4c),
  /** The first inode that is not reserved. */
  firstInode: le32(0x54),
  /** Bytes of an inode; 128 in revision 0, which has no such field. */
  inodeSize: le16(0x58),
  /** The group that this copy stands in. */
  group: le16(0x5a),
  /** Bits of `extCompatible`. */
  compatible: le32(0x5c),
  /** Bits of `extIncompatible`. */
  incompatible: le32(0x60),
  /** Bits of `extReadOnlyCompatible`. */
  readOnlyCompatible: le32(0x64),
  uuid: raw(0x68, 16),
  /** UTF-8, filled up with zeros. */
  label: raw(0x78, 16),
  /** Blocks behind the group descriptors that are kept for more of them. */
  reservedDescriptorBlocks: le16(0xce),
  journalInode: le32(0xe0),
  /** Four words with which the hashes of names begin. */
  hashSeed: raw(0xec, 16),
  /** One of `nameHashes`. */
  nameHash: u8(0xfc),
  /** 1: `journalArea` is there. */
  journalCopy: u8(0xfd),
  /** Bytes of a group descriptor; 32 without `wideBlockNumbers`. */
  descriptorSize: le16(0xfe),
  mountOptions: le32(0x100),
  /** The first block of descriptors that stands in its own groups. */
  firstMetaGroup: le32(0x104),
  /** When the filesystem was made. */
  madeTime: le32(0x108),
  /** A copy of the journal inode's block area. */
  journalArea: raw(0x10c, 60),
  /** The journal's bytes: the upper 32 bits, then the lower ones. */
  journalSizeHigh: le32(0x148),
  journalSize: le32(0x14c),
  blocksHigh: le32(0x150),
  reservedBlocksHigh: le32(0x154),
  freeBlocksHigh: le32(0x158),
  /** Bytes that inodes have at least behind the first 128, and that new ones should have. */
  leastExtraSize: le16(0x15c),
  wantedExtraSize: le16(0x15e),
  /** Bits: 1 for names that are hashed as signed bytes. */
  flags: le32(0x160),
  /** A flexible group has 2 to the power of this groups. */
  logGroupsPerFlex: u8(0x174),
  /** 1 for crc32c. */
  checksumType: u8(0x175),
  /** Blocks that are no data: what statfs leaves out of the size. */
  overheadBlocks: le32(0x248),
  writeTimeHigh: u8(0x274),
  madeTimeHigh: u8(0x276),
  checkTimeHigh: u8(0x277),
  /** `superblockChecksum`. */
  checksum: le32(0x3fc),
} as const;

/** Where the superblock stands in the filesystem: behind room for a boot sector. Copies stand at the start of their group. */
export const superblockAt: Bytes = 1024;
export const superblockLength: Bytes = 1024;
export const extMagic = 0xef53;
export const dynamicRevision = 1;
export const extStates = { clean: 1 } as const;
export const extErrorBehaviours = { continue: 1, readOnly: 2, panic: 3 } as const;
export const nameHashes = { halfMd4: 1 } as const;
/** Bits of the flags. */
export const signedNameHash = 1;
export const crc32cChecksums = 1;
/** Bits of the mount options: attributes of users, and ACLs. */
export const userXattrsAndAcls = 0xc;
export const neverByMounts = 0xffff;

/** The largest power of two that a block has, in KiB. */
export const mostLogBlockSize = 6;

/** A number whose upper 32 bits stand apart. */
export function wideNumber(low: number, high: number): number {
  return low + high * 2 ** 32;
}
