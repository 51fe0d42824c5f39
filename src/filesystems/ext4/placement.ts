import { KiB, MiB, roundDown, roundUp } from "../../base/units.ts";
import type { ByteString } from "../../base/byte-string.ts";
import { type BlockRun, blockSize } from "./geometry.ts";

/** Blocks of 64 KiB: what images compress by itself. */
export const gridBlocks = (64 * KiB) / blockSize;
/** Gaps are free space that nobody asked for, of which 3 % of a filesystem or 4 MiB are allowed. */
const mostOfData = 1 / 40;
const mostAnyway = (3 * MiB) / blockSize;
/** A small filesystem does not become much larger by them. */
const mostOfSmall = 1 / 8;

/** The order in which the content of files is placed. */
export interface FilePlacement {
  /** Inode numbers. */
  readonly files: Uint32Array;
  /** Ascending indices in `files` of those that are to begin on the grid. */
  readonly onGrid: Uint32Array;
}

/** Some of the files of a survey: from `start` up to but not including `end`. */
export type FileRange = BlockRun;

/** Whether a name is one as Nix gives to store paths. */
export function isStorePathName(name: ByteString): boolean {
  return name.length > 33 && storePathName.test(name);
}

const storePathName = /^[0-9a-z]{32}-/;

/**
 * Has every store path, and every file elsewhere, begin on the grid if it is large enough, so that its bytes fall into the
 * same clusters in every image. These come last, one behind the other; all other files stand before them. Large enough is
 * what leaves gaps of no more than a small part of all data: at least one cluster, or else twice that, four times, and so on.
 *
 * `files` are in the order of their paths; `blocks` are by inode number.
 */
export function placementOf(files: Uint32Array, blocks: Uint32Array, storePaths: readonly FileRange[]): FilePlacement {
  const units = unitsOf(files.length, storePaths);
  const sizes = units.map(({ start, end }) => sumOf(files.subarray(start, end), blocks));
  const least = leastSize(sizes);
  const isLarge = (_: FileRange, index: number) => (sizes[index] ?? 0) >= least;
  const large = units.filter(isLarge);
  const small = units.filter((unit, index) => !isLarge(unit, index));
  return large.length === 0 ? { files, onGrid: new Uint32Array() } : inOrder(files, small, large);
}

/** The same runs of blocks, with whole clusters between them. `phase`: how far into a cluster the filesystem begins, in blocks. */
export function widenToGrid(runs: readonly BlockRun[], phase: number): BlockRun[] {
  const widened: { start: number; end: number }[] = [];
  for (const { start, end } of runs) {
    const from = Math.max(0, roundDown(start + phase, gridBlocks) - phase);
    const to = roundUp(end + phase, gridBlocks) - phase;
    const last = widened.at(-1);
    if (last !== undefined && last.end >= from) last.end = Math.max(last.end, to);
    else widened.push({ start: from, end: to });
  }
  return widened;
}

/** Store paths, and each of the files between them. */
function unitsOf(count: number, storePaths: readonly FileRange[]): FileRange[] {
  const units: FileRange[] = [];
  let next = 0;
  const addFiles = (end: number) => {
    for (; next < end; next += 1) units.push({ start: next, end: next + 1 });
  };
  for (const path of storePaths) {
    addFiles(path.start);
    units.push(path);
    next = path.end;
  }
  addFiles(count);
  return units;
}

function sumOf(files: Uint32Array, blocks: Uint32Array): number {
  let sum = 0;
  for (let index = 0; index < files.length; index += 1) sum += blocks[files[index]!]!;
  return sum;
}

function leastSize(sizes: readonly number[]): number {
  const data = sizes.reduce((sum, size) => sum + size, 0);
  const most = Math.min(data * mostOfSmall, Math.max(data * mostOfData, mostAnyway));
  let least = gridBlocks;
  while (gapsOf(sizes.filter((size) => size >= least)) > most) least *= 2;
  return least;
}

/** The blocks up to the next cluster, behind each of these and before the first. */
function gapsOf(sizes: readonly number[]): number {
  if (sizes.length === 0) return 0;
  return sizes.reduce((sum, size) => sum + roundUp(size, gridBlocks) - size, gridBlocks - 1);
}

function inOrder(files: Uint32Array, small: readonly FileRange[], large: readonly FileRange[]): FilePlacement {
  const placed = new Uint32Array(files.length);
  const onGrid = new Uint32Array(large.length);
  let next = 0;
  const add = ({ start, end }: FileRange) => {
    placed.set(files.subarray(start, end), next);
    next += end - start;
  };
  small.forEach(add);
  large.forEach((unit, index) => {
    onGrid[index] = next;
    add(unit);
  });
  return { files: placed, onGrid };
}
