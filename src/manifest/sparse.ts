import { closeSync, readSync } from "node:fs";
import type { Extent, FileSource } from "../image/extent.ts";
import { openSource, requirePlanned } from "../image/open-source.ts";
import { KiB, MiB } from "../layout/units.ts";

const blockSize = 4 * KiB;
const zeros = Buffer.alloc(blockSize);

/**
 * The extents of a sparse file: its 4 KiB blocks that hold anything but zeros. Node cannot ask the kernel where holes are,
 * so the file is read.
 */
export function dataExtents(source: FileSource, size: number): Extent[] {
  const file = openSource(source);
  try {
    const runs = runsOf(dataBlocks(file, size), size);
    requirePlanned(source, file);
    return runs.map(([offset, end]) => ({
      offset,
      length: end - offset,
      source: { ...source, position: offset },
    }));
  } finally {
    closeSync(file);
  }
}

function* dataBlocks(file: number, size: number): Generator<number> {
  const window = Buffer.alloc(MiB);
  for (let position = 0; position < size; position += window.length) {
    const length = readSync(file, window, 0, window.length, position);
    for (let at = 0; at < length; at += blockSize) {
      const block = window.subarray(at, Math.min(at + blockSize, length));
      if (block.compare(zeros, 0, block.length) !== 0) yield position + at;
    }
  }
}

function runsOf(blocks: Iterable<number>, size: number): [offset: number, end: number][] {
  const runs: [number, number][] = [];
  for (const block of blocks) {
    const last = runs.at(-1);
    const end = Math.min(block + blockSize, size);
    if (last !== undefined && last[1] === block) last[1] = end;
    else runs.push([block, end]);
  }
  return runs;
}
