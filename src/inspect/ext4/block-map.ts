import type { DiskBytes } from "../../image/disk-bytes.ts";
import type { Allowance } from "../budget.ts";
import {
  deepestExtentTree,
  extentEntryLength,
  extentHeader,
  extentIndex,
  extentLeaf,
  extentMagic,
  longestExtent,
} from "../../structures/ext4/extent-tree.ts";
import { blockNumberLength, directBlocks, inodeFlags } from "../../structures/ext4/inode.ts";
import { wideNumber } from "../../structures/ext4/superblock.ts";
import { badImage } from "../../base/image-faults.ts";
import type { ExtInode } from "./inode-reader.ts";
import type { ExtSuperblock } from "./superblock.ts";

/** Blocks of a file in one piece, in blocks of the file and of the filesystem. */
interface MappedRun {
  readonly logical: number;
  readonly block: number;
  readonly length: number;
}

/** Where a file's bytes are, ascending in the file, and the blocks that say so. */
export interface BlockMap {
  readonly runs: readonly MappedRun[];
  readonly mapBlocks: readonly number[];
}

/** Limits for the block maps of all files of a filesystem together: several files can name the same tree node. */
export interface MapBudget {
  readonly extents: Allowance;
  readonly mapBlocks: Allowance;
}

/**
 * The blocks of a file, by its extent tree or by the older lists of block numbers.
 *
 * Source: kernel.org, filesystems/ext4, "The Contents of inode.i_block".
 *
 * @throws MkimageError BAD_IMAGE when the map is damaged.
 */
export function mapBlocks(bytes: DiskBytes, superblock: ExtSuperblock, inode: ExtInode, budget: MapBudget): BlockMap {
  if (inode.size > 2 ** 32 * superblock.blockSize) throw badImage(`a size of ${inode.size} bytes is impossible`);
  const reader = new MapReader(bytes, superblock, budget);
  if ((inode.flags & inodeFlags.extents) !== 0) reader.readExtents(inode.blockArea, deepestExtentTree);
  else reader.readNumbers(inode.blockArea, Math.ceil(inode.size / superblock.blockSize));
  return reader;
}

class MapReader implements BlockMap {
  readonly runs: MappedRun[] = [];
  readonly mapBlocks: number[] = [];
  readonly #bytes: DiskBytes;
  readonly #superblock: ExtSuperblock;
  readonly #budget: MapBudget;

  constructor(bytes: DiskBytes, superblock: ExtSuperblock, budget: MapBudget) {
    this.#bytes = bytes;
    this.#superblock = superblock;
    this.#budget = budget;
  }

  readExtents(node: Buffer, mostDepth: number): void {
    const [count, depth] = [extentHeader.entries.read(node), extentHeader.depth.read(node)];
    const end = extentEntryLength * (count + 1);
    if (extentHeader.magic.read(node) !== extentMagic || depth > mostDepth || end > node.length) {
      throw badImage("a node of an extent tree is damaged");
    }
    for (let at = extentEntryLength; at < end; at += extentEntryLength) {
      this.#budget.extents.take(1);
      if (depth === 0) this.#addExtent(node, at);
      else this.readExtents(this.#mapBlock(blockOf(node, at)), depth - 1);
    }
  }

  #addExtent(node: Buffer, at: number): void {
    const length = extentLeaf.length.read(node, at);
    if (length === 0) throw badImage("an extent has no blocks");
    // A longer one is reserved and was never written: it reads as zeros.
    if (length > longestExtent) return;
    const block = wideNumber(extentLeaf.block.read(node, at), extentLeaf.blockHigh.read(node, at));
    this.#add({ logical: extentLeaf.logical.read(node, at), block, length });
  }

  /** Twelve direct numbers, then trees of one, two and three levels. */
  readNumbers(area: Buffer, blocks: number): void {
    const perBlock = this.#superblock.blockSize / blockNumberLength;
    this.#addNumbers(area.subarray(0, directBlocks * blockNumberLength), 0, 0, blocks);
    let logical: number = directBlocks;
    for (let level = 1; level <= 3 && logical < blocks; level += 1) {
      const number = area.readUInt32LE(blockNumberLength * (directBlocks - 1 + level));
      if (number !== 0) this.#addNumbers(this.#mapBlock(number), logical, level - 1, blocks);
      logical += perBlock ** level;
    }
  }

  #addNumbers(list: Buffer, first: number, level: number, blocks: number): void {
    const span = (this.#superblock.blockSize / blockNumberLength) ** level;
    for (let at = 0, logical = first; at < list.length && logical < blocks; at += blockNumberLength, logical += span) {
      const number = list.readUInt32LE(at);
      if (number === 0) continue;
      if (level === 0) this.#addNumber(logical, number);
      else this.#addNumbers(this.#mapBlock(number), logical, level - 1, blocks);
    }
  }

  #addNumber(logical: number, block: number): void {
    this.#budget.extents.take(1);
    this.#add({ logical, block, length: 1 });
  }

  #mapBlock(block: number): Buffer {
    this.#budget.mapBlocks.take(1);
    this.mapBlocks.push(block);
    return this.#bytes.peek(block * this.#superblock.blockSize, this.#superblock.blockSize);
  }

  #add(run: MappedRun): void {
    const last = this.runs.at(-1);
    if (run.block + run.length > this.#superblock.blocks) throw badImage(`block ${run.block} is outside`);
    if (last !== undefined && run.logical < last.logical + last.length)
      throw badImage("the extents of a file are out of order");
    if (
      last?.logical !== undefined &&
      last.logical + last.length === run.logical &&
      last.block + last.length === run.block
    )
      this.runs[this.runs.length - 1] = { ...last, length: last.length + run.length };
    else this.runs.push(run);
  }
}

function blockOf(node: Buffer, at: number): number {
  return wideNumber(extentIndex.block.read(node, at), extentIndex.blockHigh.read(node, at));
}
