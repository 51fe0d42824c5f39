import { closeSync, readSync } from "node:fs";
import type { Extent, FileSource } from "../image/extent.ts";
import { openSource, requirePlanned } from "../image/open-source.ts";
import { KiB, MiB } from "../base/units.ts";
import { seek } from "../runtime/seek.ts";

const blockSize = 4 * KiB;
const zeros = Buffer.alloc(blockSize);

/** A file that takes less space than it has bytes; `content` is empty until its data has been looked for. */
export interface SparseFile {
  readonly source: FileSource;
  readonly size: number;
  readonly content: Extent[];
}

/**
 * Fills the content of a sparse file: its 4 KiB blocks that hold anything but zeros, wherever filesystems have their holes.
 * Holes that the kernel reports are not read. Yields after each piece that it has read, so that others get their turn.
 *
 * @throws MkimageError SOURCE_CHANGED.
 */
export function* findData({ source, size, content }: SparseFile): Generator<void> {
  const file = openSource(source);
  try {
    const window = Buffer.alloc(MiB);
    for (const { start, end } of allocatedRuns(file, size)) {
      for (let position = start; position < end; position += window.length) {
        const length = readSync(file, window, 0, Math.min(window.length, end - position), position);
        addBlocks(content, window.subarray(0, length), position, source);
        yield;
      }
    }
    requirePlanned(source, file);
  } finally {
    closeSync(file);
  }
}

interface ByteRun {
  readonly start: number;
  readonly end: number;
}

/** Where the kernel has something stored, in whole blocks. */
function* allocatedRuns(file: number, size: number): Generator<ByteRun> {
  for (let end = 0; end < size;) {
    const data = seek(file, end, "data");
    if (data === undefined || data >= size) return;
    const start = Math.max(end, data - (data % blockSize));
    const hole = Math.max(seek(file, data, "hole") ?? size, data + 1);
    end = Math.min(Math.ceil(hole / blockSize) * blockSize, size);
    yield { start, end };
  }
}

function addBlocks(content: Extent[], bytes: Buffer, position: number, source: FileSource): void {
  for (let at = 0; at < bytes.length; at += blockSize) {
    const block = bytes.subarray(at, at + blockSize);
    if (block.compare(zeros, 0, block.length) !== 0) addRun(content, position + at, block.length, source);
  }
}

function addRun(content: Extent[], offset: number, length: number, source: FileSource): void {
  const last = content.at(-1);
  if (last === undefined || last.offset + last.length !== offset) {
    content.push({ offset, length, source: { ...source, position: offset } });
    return;
  }
  content[content.length - 1] = { ...last, length: last.length + length };
}
