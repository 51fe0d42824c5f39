import { extentNodeChecksum } from "../../structures/ext4/checksums.ts";
import {
  extentEntryLength,
  extentHeader,
  extentIndex,
  extentLeaf,
  extentMagic,
  longestExtent,
} from "../../structures/ext4/extent-tree.ts";
import { extInode } from "../../structures/ext4/inode.ts";
import type { PlacedRun } from "./file-content.ts";
import type { FreeSpace } from "./free-space.ts";
import { type BlockRun, blockSize } from "./geometry.ts";
import { wordsOver } from "./words.ts";

/** Extents that the inode itself holds, and that a block of the tree holds. */
export const inodeCapacity = extInode.blockArea.length / extentEntryLength - 1;
const nodeCapacity = (blockSize - extentEntryLength - 4) / extentEntryLength;
const entryWords = extentEntryLength / 4;

/** An entry of the tree: an extent, or at upper levels a block of the tree that begins with this logical block. */
type Entry = PlacedRun;

/** A file's extent tree: what stands in the inode and, for more than four extents, the blocks of the tree. */
export interface ExtentTree {
  readonly depth: number;
  readonly root: readonly Entry[];
  readonly blocks: readonly { readonly block: number; readonly depth: number; readonly entries: readonly Entry[] }[];
}

/** Cuts a file's data into extents: its logical ranges, laid one after the other on the places from `place` on. */
export function extentsOf(ranges: readonly BlockRun[], space: FreeSpace, place: number): PlacedRun[] {
  const extents: PlacedRun[] = [];
  let at = place;
  for (const { start, end } of ranges) {
    let logical = start;
    for (const run of space.runs(at, end - start)) {
      for (let block = run.start; block < run.end; block += longestExtent) {
        const length = Math.min(longestExtent, run.end - block);
        extents.push({ logical, length, block });
        logical += length;
      }
    }
    at += end - start;
  }
  return extents;
}

/** How many blocks the tree of so many extents has. */
export function treeBlockCount(extents: number): number {
  let blocks = 0;
  for (let level = extents; level > inodeCapacity; blocks += level) level = Math.ceil(level / nodeCapacity);
  return blocks;
}

/** Builds the tree over extents; its blocks go to the places from `place` on, leaves first. */
export function buildExtentTree(extents: readonly PlacedRun[], space: FreeSpace, place: number): ExtentTree {
  const blocks = [];
  let level = extents;
  let depth = 0;
  for (; level.length > inodeCapacity; depth += 1) {
    const above: Entry[] = [];
    for (let from = 0; from < level.length; from += nodeCapacity) {
      const entries = level.slice(from, from + nodeCapacity);
      const block = space.blockAt(place + blocks.length);
      blocks.push({ block, depth, entries });
      above.push({ logical: entries[0]!.logical, length: 0, block });
    }
    level = above;
  }
  return { depth, root: level, blocks };
}

/** Writes the part of the tree that stands in the inode: 15 words from word `at` on. */
export function writeExtentRoot(target: Uint32Array, at: number, { depth, root }: ExtentTree): void {
  writeNode(target, at, { capacity: inodeCapacity, depth, entries: root });
}

/** One block of the tree, with its checksum. */
export function extentTreeBlock({ depth, entries }: ExtentTree["blocks"][number], checksumSeed: number): Buffer {
  const block = Buffer.alloc(blockSize);
  writeNode(wordsOver(block), 0, { capacity: nodeCapacity, depth, entries });
  const end = extentEntryLength * (nodeCapacity + 1);
  block.writeUInt32LE(extentNodeChecksum(checksumSeed, block, end), end);
  return block;
}

interface Node {
  readonly capacity: number;
  readonly depth: number;
  readonly entries: readonly Entry[];
}

/** Words of the header, whose upper halves are fields as well, and of an entry. What is left out is zero. */
const magicAndEntries = extentHeader.magic.offset / 4;
const capacityAndDepth = extentHeader.capacity.offset / 4;
const logicalWord = extentLeaf.logical.offset / 4;
const leafLength = extentLeaf.length.offset / 4;
const leafBlock = extentLeaf.block.offset / 4;
const indexBlock = extentIndex.block.offset / 4;

function writeNode(target: Uint32Array, start: number, { capacity, depth, entries }: Node): void {
  target[start + magicAndEntries] = extentMagic | (entries.length << 16);
  target[start + capacityAndDepth] = capacity | (depth << 16);
  let at = start + entryWords;
  for (const { logical, length, block } of entries) {
    target[at + logicalWord] = logical;
    if (depth === 0) {
      target[at + leafLength] = length;
      target[at + leafBlock] = block;
    } else {
      target[at + indexBlock] = block;
    }
    at += entryWords;
  }
}
