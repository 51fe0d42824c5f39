import type { ExtAllocation } from "./allocate.ts";
import { blockBitmap, type GroupUse, groupUses, inodeBitmap } from "./bitmaps.ts";
import { bitmapChecksum, descriptorChecksum } from "../../structures/ext4/checksums.ts";
import { groupDescriptor, groupFlags } from "../../structures/ext4/group-descriptor.ts";
import { writeRecord } from "../../structures/record.ts";
import { blockSize, descriptorSize, type Geometry } from "./geometry.ts";
import type { ExtSurvey } from "./survey.ts";

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

/** Describes every group: where its bitmaps and inodes are, what is free, and the checksums. */
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
      const sum = bitmapChecksum(checksumSeed, bytes, geometry.blocksPerGroup);
      groupDescriptor.blockBitmapChecksum.write(descriptor, sum & 0xffff);
      groupDescriptor.blockBitmapChecksumHigh.write(descriptor, sum >>> 16);
    }
    if (usedInodes > 0) {
      const bytes = inodeBitmap(allocation, usedInodes);
      bitmaps.push({ block: groups.inodeBitmaps[group]!, bytes });
      const sum = bitmapChecksum(checksumSeed, bytes, geometry.inodesPerGroup);
      groupDescriptor.inodeBitmapChecksum.write(descriptor, sum & 0xffff);
      groupDescriptor.inodeBitmapChecksumHigh.write(descriptor, sum >>> 16);
    }
    groupDescriptor.checksum.write(descriptor, descriptorChecksum(checksumSeed, group, descriptor));
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
  const { inodesUninitialized, blocksUninitialized, tableZeroed } = groupFlags;
  const free = inodesPerGroup - usedInodes;
  const flags = tableZeroed | (use.isPlain ? blocksUninitialized : 0) | (usedInodes === 0 ? inodesUninitialized : 0);
  const counts = { freeBlocks: use.freeBlocks, freeInodes: free, folders, flags, unusedInodes: free };
  writeRecord(groupDescriptor, descriptor, counts);
}

function writePlaces(descriptor: Buffer, { groups }: ExtAllocation, group: number): void {
  writeRecord(groupDescriptor, descriptor, {
    blockBitmap: groups.blockBitmaps[group]!,
    inodeBitmap: groups.inodeBitmaps[group]!,
    inodeTable: groups.inodeTables[group]!,
  });
}
