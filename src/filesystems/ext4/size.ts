import { MkimageError } from "../../base/errors.ts";
import { type Bytes, formatSize } from "../../base/units.ts";
import { type ExtAllocation, allocate, fitIn } from "./allocate.ts";
import { blockSize, divide, type Geometry, mostBlocks } from "./geometry.ts";
import { layOutGroups } from "./group-layout.ts";
import { gridBlocks } from "./placement.ts";
import type { ExtSurvey } from "./survey.ts";

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
function allocateIn(survey: ExtSurvey, size: Bytes, options: SizeOptions): ExtAllocation {
  return allocate(survey, geometryFor(survey, size, options), 0);
}

/**
 * As `allocateIn`, for a filesystem that begins at `offset` of its disk. Sizes are solved for one that begins on the grid:
 * where the gaps of another are too many, it is laid out as if it did, and where even these are, without gaps.
 */
export function allocateAt(offset: Bytes, survey: ExtSurvey, size: Bytes, options: SizeOptions): ExtAllocation {
  const phase = offset % blockSize === 0 ? (offset / blockSize) % gridBlocks : 0;
  const geometry = geometryFor(survey, size, options);
  const onGrid = allocate(survey, geometry, phase);
  if (onGrid.fits) return onGrid;
  const asIfOnGrid = allocate(survey, geometry, 0);
  return asIfOnGrid.fits ? asIfOnGrid : allocate(survey, geometry, undefined);
}

/** Blocks that only root may use. */
export function reservedBlocks({ geometry }: Use, { volumeReservePercent }: SizeOptions): number {
  return Math.floor((geometry.blocks * volumeReservePercent) / 100);
}

/** Blocks that an ordinary user can still fill, as statfs says it of the mounted filesystem. */
export function availableBlocks(allocation: ExtAllocation, options: SizeOptions): number {
  return Math.max(0, spareBlocks(allocation, options));
}

/**
 * The smallest size, a multiple of 4096 bytes, in which a tree fits and leaves `additionalSpace` to an ordinary user.
 * Throws MkimageError DOES_NOT_FIT.
 *
 * The blocks that every layout needs give a lower bound quickly; from there on each candidate size is laid out completely.
 */
export function solveSize(survey: ExtSurvey, additionalSpace: Bytes, options: SizeOptions): Bytes {
  const wanted = Math.ceil(additionalSpace / blockSize);
  const leastMissing = (blocks: number) =>
    missingBlocks(leastUse(survey, blocks * blockSize, options), wanted, options);
  const missing = (blocks: number) => missingBlocks(allocateIn(survey, blocks * blockSize, options), wanted, options);
  return smallestEnough(smallestEnough(smallestBlocks, leastMissing), missing) * blockSize;
}

/**
 * The smallest number of blocks from `start` on of which none is missing. Available blocks grow by at most one with each
 * block of the filesystem, but for a few at the borders of groups, and not at all where a last group would not be worth
 * making. So adding what is missing, or more where that was of no use, leads to the smallest number or past it: it is
 * looked for there in steps that double, and then halve.
 */
function smallestEnough(start: number, missing: (blocks: number) => number): number {
  let tooFew = start - 1;
  let enough = start;
  for (let more = missing(enough), jump = more; more > 0;) {
    if (enough > mostBlocks) throw tooLarge();
    tooFew = enough;
    enough += jump;
    const left = missing(enough);
    jump = left < more ? left : 2 * jump;
    more = left;
  }
  for (let step = 1; enough - tooFew > 1;) {
    const between = Math.max(enough - step, tooFew + 1);
    if (missing(between) === 0) {
      enough = between;
      step *= 2;
    } else {
      tooFew = between;
      step = Math.ceil((enough - tooFew) / 2);
    }
  }
  return enough;
}

function tooLarge(): MkimageError {
  return new MkimageError("DOES_NOT_FIT", "the files and the space that is to stay free are too much for ext4", {
    hint: `ext4 holds ${formatSize(mostBlocks * blockSize)}`,
  });
}

type Use = Pick<ExtAllocation, "geometry" | "freeBlocks" | "missingAtEnd" | "fits">;

/** Returns an upper bound of the free blocks: it leaves out extent trees, which only the layout of each file determines. */
function leastUse(survey: ExtSurvey, size: Bytes, options: SizeOptions): Use {
  const geometry = geometryFor(survey, size, options);
  const { used } = layOutGroups(geometry);
  const own = fitIn(geometry, used);
  return { geometry, ...own, freeBlocks: own.freeBlocks - (survey.totalBlocks + 1 + geometry.journalBlocks) };
}

function geometryFor(survey: ExtSurvey, size: Bytes, { inodes }: SizeOptions): Geometry {
  return divide(size, Math.max(Math.ceil((survey.inodes.length - 1) * 1.1), inodes));
}

function spareBlocks(allocation: Use, options: SizeOptions): number {
  const keptBack = Math.min(Math.floor(allocation.geometry.blocks / 50), mostKeptBack);
  return allocation.freeBlocks - reservedBlocks(allocation, options) - keptBack;
}

/** How many blocks are missing at least: 0 when there are enough. */
function missingBlocks(allocation: Use, wanted: number, options: SizeOptions): number {
  const spare = wanted === 0 ? 0 : spareBlocks(allocation, options) - wanted;
  const missing = Math.max(0, -allocation.freeBlocks, -spare, allocation.missingAtEnd);
  return missing === 0 && !allocation.fits ? 1 : missing;
}
