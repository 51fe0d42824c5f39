import type { ExtAllocation } from "./allocate.ts";
import { blockBitmap, type GroupUse, groupUses, inodeBitmap } from "./bitmaps.ts";
import { crc32c, crc32cOfWord } from "../../base/crc32c.ts";
import { blockSize, descriptorSize, type Geometry } from "./geometry.ts";
import type { ExtSurvey } from "./survey.ts";

const inodesUninitialized = 1;
const blocksUninitialized = 2;
const tableZeroed = 4;

/** A block that was made while describing the groups, and where it goes. */
interface BitmapBlock {
  readonly block: number;
  readonly bytes: Buffer;
}

interface DescribedGroups {
  /** Whole blocks of descriptors. */
  readonly descriptors: Buffer;
  /** The bitmaps that hold anything. */
  readonly bitmaps: readonly BitmapBlock[];
}

/**
 * Describes every group: where its bitmaps and inodes are, what is free, and the checksums.
 *
 * Source: kernel.org, filesystems/ext4, "Block Group Descriptors".
 */
export function describeGroups(survey: ExtSurvey, allocation: ExtAllocation, checksumSeed: number): DescribedGroups {
  const { geometry, groups } = allocation;
  const descriptors = Buffer.alloc(geometry.descriptorBlocks * blockSize);
  const bitmaps: BitmapBlock[] = [];
  let group = 0;
  for (const use of groupUses(allocation)) {
    const descriptor = descriptors.subarray(group * descriptorSize, (group + 1) * descriptorSize);
    const usedInodes = usedInodesOf(survey, geometry, group);
    writeCounts(descriptor, { use, usedInodes, folders: foldersOf(survey, geometry, group) }, geometry);
    writePlaces(descriptor, allocation, group);
    if (!use.isPlain) {
      const bytes = blockBitmap(allocation, group, use);
      bitmaps.push({ block: groups.blockBitmaps[group]!, bytes });
      writeSum(descriptor, [0x18, 0x38], crc32c(checksumSeed, bytes, 0, geometry.blocksPerGroup / 8));
    }
    if (usedInodes > 0) {
      const bytes = inodeBitmap(allocation, usedInodes);
      bitmaps.push({ block: groups.inodeBitmaps[group]!, bytes });
      writeSum(descriptor, [0x1a, 0x3a], crc32c(checksumSeed, bytes, 0, geometry.inodesPerGroup / 8));
    }
    descriptor.writeUInt16LE(crc32c(crc32cOfWord(checksumSeed, group), descriptor) & 0xffff, 0x1e);
    group += 1;
  }
  return { descriptors, bitmaps };
}

/** How many of a group's inodes are in use: always its first ones. */
export function usedInodesOf(survey: ExtSurvey, { inodesPerGroup }: Geometry, group: number): number {
  const used = survey.inodes.length - 1 - group * inodesPerGroup;
  return Math.min(Math.max(used, 0), inodesPerGroup);
}

function foldersOf(survey: ExtSurvey, geometry: Geometry, group: number): number {
  const first = group * geometry.inodesPerGroup + 1;
  const end = first + usedInodesOf(survey, geometry, group);
  let folders = 0;
  for (let number = first; number < end; number += 1) {
    if (survey.parents[number] !== 0) folders += 1;
  }
  return folders;
}

interface Counts {
  readonly use: GroupUse;
  readonly usedInodes: number;
  readonly folders: number;
}

function writeCounts(descriptor: Buffer, { use, usedInodes, folders }: Counts, { inodesPerGroup }: Geometry): void {
  const free = inodesPerGroup - usedInodes;
  const flags = tableZeroed | (use.isPlain ? blocksUninitialized : 0) | (usedInodes === 0 ? inodesUninitialized : 0);
  descriptor.writeUInt16LE(use.freeBlocks, 0x0c);
  descriptor.writeUInt16LE(free, 0x0e);
  descriptor.writeUInt16LE(folders, 0x10);
  descriptor.writeUInt16LE(flags, 0x12);
  const neverUsed = free;
  descriptor.writeUInt16LE(neverUsed, 0x1c);
}

function writePlaces(descriptor: Buffer, { groups }: ExtAllocation, group: number): void {
  descriptor.writeUInt32LE(groups.blockBitmaps[group]!, 0x00);
  descriptor.writeUInt32LE(groups.inodeBitmaps[group]!, 0x04);
  descriptor.writeUInt32LE(groups.inodeTables[group]!, 0x08);
}

function writeSum(descriptor: Buffer, [low, high]: readonly [number, number], sum: number): void {
  descriptor.writeUInt16LE(sum & 0xffff, low);
  descriptor.writeUInt16LE(sum >>> 16, high);
}
