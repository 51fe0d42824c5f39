import { type Bytes, roundUp } from "../../layout/units.ts";
import { type Allocation, allocate } from "./allocate.ts";
import { blockSize, divide } from "./geometry.ts";
import type { Survey } from "./survey.ts";

/** The kernel keeps blocks back for delayed allocation: a fiftieth of all, but no more than this. */
const mostKeptBack = 4096;
const smallestBlocks = 64;

export interface SizeOptions {
  /** Part of the filesystem that only root may fill, in percent. */
  readonly volumeReservePercent: number;
  /** Inodes beyond what the tree and the size ask for. */
  readonly inodes: number;
}

/** Lays a surveyed tree out in a filesystem of `size` bytes; the result says whether it fits. */
export function allocateIn(survey: Survey, size: Bytes, { inodes }: SizeOptions): Allocation {
  const needed = Math.ceil((survey.inodes.length - 1) * 1.1);
  return allocate(survey, divide(size, Math.max(needed, inodes)));
}

/** Blocks that only root may use. */
export function reservedBlocks({ geometry }: Allocation, { volumeReservePercent }: SizeOptions): number {
  return Math.floor((geometry.blocks * volumeReservePercent) / 100);
}

/** Blocks that an ordinary user can still fill, as statfs says it of the mounted filesystem. */
export function availableBlocks(allocation: Allocation, options: SizeOptions): number {
  return Math.max(0, spareBlocks(allocation, options));
}

/**
 * The smallest size, a multiple of 4096 bytes, in which a tree fits and leaves `additionalSpace` to an ordinary user.
 *
 * Available blocks grow by at most one with each block of the filesystem, but for a few at the borders of groups. So
 * adding what is missing never leads far past the smallest size, and a few steps back find it.
 */
export function solveSize(survey: Survey, additionalSpace: Bytes, options: SizeOptions): Bytes {
  const wanted = Math.ceil(additionalSpace / blockSize);
  const missing = (blocks: number): number =>
    missingBlocks(allocateIn(survey, blocks * blockSize, options), wanted, options);
  let blocks = smallestBlocks;
  for (let more = missing(blocks); more > 0; more = missing(blocks)) blocks += more;
  while (blocks > smallestBlocks && missing(blocks - 1) === 0) blocks -= 1;
  return roundUp(blocks * blockSize, blockSize);
}

function spareBlocks(allocation: Allocation, options: SizeOptions): number {
  const keptBack = Math.min(Math.floor(allocation.geometry.blocks / 50), mostKeptBack);
  return allocation.freeBlocks - reservedBlocks(allocation, options) - keptBack;
}

/** How many blocks are missing at least: 0 when there are enough. */
function missingBlocks(allocation: Allocation, wanted: number, options: SizeOptions): number {
  const spare = wanted === 0 ? 0 : spareBlocks(allocation, options) - wanted;
  const missing = Math.max(0, -allocation.freeBlocks, -spare);
  return missing === 0 && !allocation.fits ? 1 : missing;
}
