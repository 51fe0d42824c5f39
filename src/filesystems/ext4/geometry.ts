import { type Bytes, KiB, roundUp } from "../../base/units.ts";
import { hasSuperblock, wideDescriptorSize } from "../../structures/ext4/group-descriptor.ts";
import { blockNumberLength } from "../../structures/ext4/inode.ts";

export const blockSize = 4096;
export const inodeSize = 256;
/** Bytes that an inode's fields take behind the first 128. */
export const extraInodeSize = 32;
export const inodesPerBlock = blockSize / inodeSize;
export const descriptorSize = wideDescriptorSize;
export const groupsPerFlex = 16;

const descriptorsPerBlock = blockSize / descriptorSize;
const addressesPerBlock = blockSize / blockNumberLength;
/** One bitmap block has a bit for each. */
export const mostPerGroup = blockSize * 8;
const leastBlocksPerGroup = 4096;
/** Block numbers are kept to 32 bits: the resize inode cannot hold more. */
export const mostBlocks = 2 ** 32 - 1;
const bytesPerInode = 16 * KiB;
/** A last group that has fewer blocks than this left for data is not made. */
const leastDataBlocks = 50;

/** A run of blocks, from `start` up to but not including `end`. */
export interface BlockRun {
  readonly start: number;
  readonly end: number;
}

/** How the filesystem is divided, in blocks of 4096 bytes. Everything here follows from its size and its inodes. */
export interface Geometry {
  readonly blocks: number;
  readonly blocksPerGroup: number;
  readonly groups: number;
  readonly inodesPerGroup: number;
  readonly inodes: number;
  /** Blocks of one group's inode table. */
  readonly tableBlocks: number;
  /** Blocks of the group descriptors, and those kept behind them for when the filesystem grows. */
  readonly descriptorBlocks: number;
  readonly reservedDescriptorBlocks: number;
  readonly journalBlocks: number;
}

/**
 * Divides a filesystem of `size` bytes with at least `neededInodes` inodes into groups as mke2fs would. What is left
 * behind the last group that is worth making is not used. Groups are smaller than usual only where so many inodes would
 * not fit otherwise.
 */
export function divide(size: Bytes, neededInodes: number): Geometry {
  const available = Math.min(Math.floor(size / blockSize), mostBlocks);
  const inodes = Math.max(neededInodes, Math.floor((available * blockSize) / bytesPerInode));
  let blocksPerGroup = mostPerGroup;
  while (
    blocksPerGroup > leastBlocksPerGroup &&
    inodes > mostPerGroup * Math.max(1, Math.floor(available / blocksPerGroup))
  ) {
    blocksPerGroup /= 2;
  }
  const whole = divideExactly(available, blocksPerGroup, inodes);
  const rest = available % blocksPerGroup;
  if (whole.groups === 1 || rest === 0 || rest >= groupOverhead(whole, whole.groups - 1) + leastDataBlocks)
    return whole;
  return divideExactly(available - rest, blocksPerGroup, inodes);
}

/** Blocks of a superblock with its descriptors and the room for more of them. */
export function superblockBlocks({ descriptorBlocks, reservedDescriptorBlocks }: Geometry): number {
  return 1 + descriptorBlocks + reservedDescriptorBlocks;
}

function divideExactly(blocks: number, blocksPerGroup: number, inodes: number): Geometry {
  const groups = Math.max(1, Math.ceil(blocks / blocksPerGroup));
  const inodesPerGroup = roundUp(Math.max(1, Math.ceil(inodes / groups)), inodesPerBlock);
  const descriptorBlocks = Math.ceil(groups / descriptorsPerBlock);
  return {
    blocks,
    blocksPerGroup,
    groups,
    inodesPerGroup,
    inodes: inodesPerGroup * groups,
    tableBlocks: inodesPerGroup / inodesPerBlock,
    descriptorBlocks,
    reservedDescriptorBlocks: descriptorBlocksToGrow(blocks, blocksPerGroup) - descriptorBlocks,
    journalBlocks: journalBlocksFor(blocks),
  };
}

/** Descriptor blocks of a filesystem 1024 times as large, as far as one block of addresses reaches. */
function descriptorBlocksToGrow(blocks: number, blocksPerGroup: number): number {
  const groups = Math.ceil(Math.min(blocks * 1024, mostBlocks) / blocksPerGroup);
  const now = Math.ceil(Math.ceil(blocks / blocksPerGroup) / descriptorsPerBlock);
  return Math.max(now, Math.min(Math.ceil(groups / descriptorsPerBlock), now + addressesPerBlock));
}

function groupOverhead(geometry: Geometry, group: number): number {
  return 2 + geometry.tableBlocks + (hasSuperblock(group) ? superblockBlocks(geometry) : 0);
}

/** Source: the table of mke2fs(8), measured with e2fsprogs 1.47. */
function journalBlocksFor(blocks: number): number {
  if (blocks < 2048) return 0;
  if (blocks < 32768) return 1024;
  if (blocks < 256 * 1024) return 4096;
  if (blocks < 512 * 1024) return 8192;
  if (blocks < 4096 * 1024) return 16384;
  if (blocks < 8192 * 1024) return 32768;
  if (blocks < 16384 * 1024) return 65536;
  if (blocks < 32768 * 1024) return 131072;
  return 262144;
}
