import type { ExtAllocation } from "./allocate.ts";
import { type BlockRun, blockSize } from "./geometry.ts";

/** Which of a group's blocks are in use. */
export interface GroupUse {
  readonly usedBlocks: number;
  readonly freeBlocks: number;
  /** The runs of used blocks, ascending, within the group. */
  readonly runs: readonly BlockRun[];
  /** Whether only a superblock's copy is there, so that the bitmap need not be written. */
  readonly isPlain: boolean;
}

/** Says for every group, in order, what is used: its own blocks, those of other groups, and data. */
export function* groupUses({ geometry, groups, used }: ExtAllocation): Generator<GroupUse> {
  const superblocks = new Set(groups.superblockGroups);
  let next = 0;
  for (let group = 0; group < geometry.groups; group += 1) {
    const start = group * geometry.blocksPerGroup;
    const stop = Math.min(start + geometry.blocksPerGroup, geometry.blocks);
    while (next < used.length && used[next]!.end <= start) next += 1;
    const runs = [...runsWithin(used, next, { start, end: stop })];
    const usedBlocks = runs.reduce((sum, run) => sum + run.end - run.start, 0);
    const ownBlocks = superblocks.has(group) ? 1 + geometry.descriptorBlocks + geometry.reservedDescriptorBlocks : 0;
    const isEdge = group === 0 || group === geometry.groups - 1;
    yield { usedBlocks, freeBlocks: stop - start - usedBlocks, runs, isPlain: !isEdge && usedBlocks === ownBlocks };
  }
}

/** The parts of runs, from the one with this index on, that lie in a group. */
function* runsWithin(used: readonly BlockRun[], first: number, group: BlockRun): Generator<BlockRun> {
  for (let index = first; index < used.length && used[index]!.start < group.end; index += 1) {
    const { start, end } = used[index]!;
    yield { start: Math.max(start, group.start), end: Math.min(end, group.end) };
  }
}

/** A group's block bitmap; the bits behind the filesystem's end are set. */
export function blockBitmap({ geometry }: ExtAllocation, group: number, { runs }: GroupUse): Buffer {
  const bitmap = Buffer.alloc(blockSize);
  const start = group * geometry.blocksPerGroup;
  for (const run of runs) setBits(bitmap, run.start - start, run.end - start);
  setBits(bitmap, Math.min(geometry.blocksPerGroup, geometry.blocks - start), blockSize * 8);
  return bitmap;
}

/** A group's inode bitmap, where the first `used` inodes are used; the bits behind its inodes are set. */
export function inodeBitmap({ geometry }: ExtAllocation, used: number): Buffer {
  const bitmap = Buffer.alloc(blockSize);
  setBits(bitmap, 0, used);
  setBits(bitmap, geometry.inodesPerGroup, blockSize * 8);
  return bitmap;
}

function setBits(bitmap: Buffer, from: number, to: number): void {
  let bit = from;
  for (; bit < to && bit % 8 !== 0; bit += 1) bitmap[bit >>> 3]! |= 1 << (bit & 7);
  if (bit >= to) return;
  bitmap.fill(0xff, bit >>> 3, to >>> 3);
  for (bit = Math.max(bit, to & ~7); bit < to; bit += 1) bitmap[bit >>> 3]! |= 1 << (bit & 7);
}
