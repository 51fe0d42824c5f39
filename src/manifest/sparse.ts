import { closeSync, constants, openSync, readSync } from "node:fs";
import type { Extent } from "../image/extent.ts";
import { KiB, MiB } from "../layout/units.ts";
import { libc } from "../process/libc.ts";
import { type ByteString, openable } from "./byte-string.ts";

const blockSize = 4 * KiB;
const zeros = Buffer.alloc(blockSize);

/** A file that takes less space than it has bytes; `content` is empty until its data has been looked for. */
export interface SparseFile {
  readonly path: ByteString;
  readonly size: number;
  readonly content: Extent[];
}

/**
 * Fills the content of a sparse file: its 4 KiB blocks that hold anything but zeros, wherever filesystems have their holes.
 * What the kernel knows as a hole is not read. Stops after each piece that it has read, so that others get their turn.
 */
export function* findData({ path, size, content }: SparseFile): Generator<void> {
  const file = openSync(openable(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const window = Buffer.alloc(MiB);
    for (const { start, end } of allocatedRuns(file, size)) {
      for (let position = start; position < end; position += window.length) {
        const length = readSync(file, window, 0, Math.min(window.length, end - position), position);
        addBlocks(content, window.subarray(0, length), position, path);
        yield;
      }
    }
  } finally {
    closeSync(file);
  }
}

interface ByteRun {
  readonly start: number;
  readonly end: number;
}

/** Where the kernel has something stored, in whole blocks. Source: lseek(2), SEEK_DATA and SEEK_HOLE. */
function* allocatedRuns(file: number, size: number): Generator<ByteRun> {
  const [seekData, seekHole] = [3, 4];
  for (let end = 0; end < size;) {
    const data = seek(file, end, seekData);
    if (data === undefined || data >= size) return;
    const start = Math.max(end, data - (data % blockSize));
    const hole = Math.max(seek(file, data, seekHole) ?? size, data + 1);
    end = Math.min(Math.ceil(hole / blockSize) * blockSize, size);
    yield { start, end };
  }
}

/** `undefined` where there is no more of what is looked for. */
function seek(file: number, from: number, what: number): number | undefined {
  const found = libc().lseek(file, from, what);
  if (found >= 0) return found;
  const [name, meaning] = libc().lastError();
  if (name === "ENXIO") return undefined;
  throw new Error(`${name}: ${meaning}, of its holes`);
}

function addBlocks(content: Extent[], bytes: Buffer, position: number, path: ByteString): void {
  for (let at = 0; at < bytes.length; at += blockSize) {
    const block = bytes.subarray(at, at + blockSize);
    if (block.compare(zeros, 0, block.length) !== 0) addRun(content, position + at, block.length, path);
  }
}

function addRun(content: Extent[], offset: number, length: number, path: ByteString): void {
  const last = content.at(-1);
  if (last === undefined || last.offset + last.length !== offset) {
    content.push({ offset, length, source: { kind: "file", path, position: offset } });
    return;
  }
  content[content.length - 1] = { ...last, length: last.length + length };
}
