import { MkimageError } from "../../base/errors.ts";
import type { Extent, Run } from "../../image/extent.ts";
import { type Bytes, formatSize } from "../../base/units.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import type { ExtAllocation } from "./allocate.ts";
import { filesystemSeed } from "../../structures/ext4/checksums.ts";
import { extInode, inodeNumbers } from "../../structures/ext4/inode.ts";
import { filesystemExtents, type FilesystemSource } from "./emit.ts";
import { writeExtentRoot } from "./extent-tree.ts";
import { blockSize } from "./geometry.ts";
import { hashSeedWords } from "./hash.ts";
import { inodeTree } from "./inode-table.ts";
import { allocateAt, availableBlocks, reservedBlocks, type SizeOptions, solveSize } from "./size.ts";
import type { SuperblockFields } from "./superblock.ts";
import { type ExtSurvey, surveyTree } from "./survey.ts";
import { labelBytes, uuidBytes } from "./identity.ts";
import { wordsOver } from "./words.ts";

/** The parameters of an ext4 filesystem, besides its files. */
export interface Ext4Options {
  readonly uuid: string;
  /** A UUID as well: the seed of the hashes of directory entries. */
  readonly hashSeed: string;
  /** Up to 16 bytes of UTF-8. */
  readonly label: string;
  /** When it was made, checked and written, in seconds since 1970. */
  readonly time: number;
  /** The share that only root may fill, in percent of the filesystem. Default: 0. */
  readonly volumeReservePercent?: number | undefined;
  /** At least so many inodes. Default: a tenth more than the tree needs, or one for 16 KiB. */
  readonly inodes?: number | undefined;
}

/** A filesystem that is laid out: all of its metadata is known, none of its files has been read. */
export interface Ext4Plan {
  /** As it was asked for. The filesystem itself may end up to a few MiB earlier, where a last group is not worth making. */
  readonly size: Bytes;
  readonly blockSize: 4096;
  /** The bytes that an ordinary user can still write: `f_bavail` × block size of the mounted filesystem. */
  readonly freeBytes: Bytes;
  readonly usedBytes: Bytes;
  readonly inodes: number;
  readonly freeInodes: number;
  readonly journalBytes: Bytes;
  /** The bytes of the filesystem, ascending. What no extent covers must read as zeros, where it is occupied. */
  extents(): Generator<Extent>;
  /** Where the filesystem has something, ascending; the rest may hold anything. */
  occupied(): Run[];
}

/** A tree that is to become a filesystem: what every size of it has in common is known. */
interface SurveyedExt4 {
  /**
   * The smallest size, a multiple of 4096 bytes, in which the tree fits and an ordinary user can write at least
   * `additionalSpace` bytes more once it is mounted. Throws MkimageError DOES_NOT_FIT.
   */
  smallestSize(additionalSpace: Bytes): Bytes;
  /**
   * The tree in a filesystem of `size` bytes that begins at `offset` of its disk. Throws MkimageError TOO_SMALL, saying how
   * much is needed; BAD_REQUEST.
   */
  plan(size: Bytes, offset?: Bytes): Ext4Plan;
}

/**
 * Looks through a tree once, for any number of sizes. Pure: the same input gives the same bytes.
 *
 * @throws MkimageError BAD_REQUEST for what ext4 cannot hold; DOES_NOT_FIT.
 */
export function surveyExt4(root: DirectoryInode, options: Ext4Options): SurveyedExt4 {
  const survey = surveyOf(root, options);
  const sizeOptions = sizeOptionsOf(options);
  return {
    smallestSize: (additionalSpace) => solveSize(survey, additionalSpace, sizeOptions),
    plan: (size, offset = 0) => planSurveyed(survey, { size, offset }, options),
  };
}

interface Place {
  readonly size: Bytes;
  readonly offset: Bytes;
}

function planSurveyed(survey: ExtSurvey, { size, offset }: Place, options: Ext4Options): Ext4Plan {
  const sizeOptions = sizeOptionsOf(options);
  const allocation = allocateAt(offset, survey, size, sizeOptions);
  if (!allocation.fits) throw tooSmall(size, solveSize(survey, 0, sizeOptions));
  const source = sourceOf(survey, allocation, options);
  const { freeInodes, freeBlocks } = source.superblockFields;
  return {
    size,
    blockSize,
    freeBytes: availableBlocks(allocation, sizeOptions) * blockSize,
    usedBytes: (allocation.geometry.blocks - freeBlocks) * blockSize,
    inodes: allocation.geometry.inodes,
    freeInodes,
    journalBytes: allocation.geometry.journalBlocks * blockSize,
    extents: () => filesystemExtents(source),
    occupied: () => occupiedRuns(allocation),
  };
}

function surveyOf(root: DirectoryInode, { hashSeed, time }: Ext4Options): ExtSurvey {
  return surveyTree(root, { hashSeed: hashSeedWords(uuidBytes(hashSeed)), time });
}

function sizeOptionsOf({ volumeReservePercent = 0, inodes = 0 }: Ext4Options): SizeOptions {
  return { volumeReservePercent, inodes };
}

function sourceOf(survey: ExtSurvey, allocation: ExtAllocation, options: Ext4Options): FilesystemSource {
  const { time } = options;
  const uuid = uuidBytes(options.uuid);
  const source = { survey, allocation, checksumSeed: filesystemSeed(uuid), time };
  const superblockFields: SuperblockFields = {
    geometry: allocation.geometry,
    uuid,
    time,
    hashSeed: uuidBytes(options.hashSeed),
    label: labelBytes(options.label),
    reservedBlocks: reservedBlocks(allocation, sizeOptionsOf(options)),
    freeBlocks: allocation.freeBlocks,
    freeInodes: allocation.geometry.inodes - (survey.inodes.length - 1),
    overheadBlocks: overheadBlocks(allocation),
    journalArea: journalArea(source),
  };
  return { ...source, superblockFields };
}

function overheadBlocks({ geometry, groups }: ExtAllocation): number {
  return groups.used.reduce((sum, { start, end }) => sum + end - start, geometry.journalBlocks);
}

function journalArea(source: Omit<FilesystemSource, "superblockFields">): Buffer {
  const area = Buffer.alloc(extInode.blockArea.length);
  if (source.allocation.geometry.journalBlocks > 0)
    writeExtentRoot(wordsOver(area), 0, inodeTree(source, inodeNumbers.journal));
  return area;
}

function occupiedRuns({ used }: ExtAllocation): Run[] {
  return used.map(({ start, end }) => ({ offset: start * blockSize, length: (end - start) * blockSize }));
}

function tooSmall(size: Bytes, needed: Bytes): MkimageError {
  return new MkimageError("TOO_SMALL", `an ext4 filesystem of ${formatSize(size)} is too small for its files`, {
    hint: `at least ${needed} bytes (${formatSize(needed)}) are needed`,
  });
}
