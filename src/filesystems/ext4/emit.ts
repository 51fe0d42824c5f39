import { inodeNumbers } from "../../structures/ext4/inode.ts";
import { blocksExtent, bytesExtent, type Extent, type WriteBlock } from "../../image/extent.ts";
import { bytesOf } from "../../base/byte-string.ts";
import type { FileInode } from "../../manifest/inode.ts";
import { inodeExtents } from "./allocate.ts";
import { type DirectoryIdentity, writeDirectoryBlock } from "./directory-blocks.ts";
import { extentTreeBlock, inodeCapacity } from "./extent-tree.ts";
import { type OwnBlock, packBlocks } from "./pack-blocks.ts";
import { type PlacedRun, placeContent } from "./file-content.ts";
import { blockSize } from "./geometry.ts";
import { describeGroups, usedInodesOf } from "./group-descriptors.ts";
import { inodeSeed } from "../../structures/ext4/checksums.ts";
import { superblockAt } from "../../structures/ext4/superblock.ts";
import { type InodeSource, inodeTableBlocks, inodeTree, writeInodeBlock } from "./inode-table.ts";
import { journalSuperblock } from "./journal.ts";
import { entryType } from "./names.ts";
import { reservedDescriptors, resizeAddressBlock } from "./resize-inode.ts";
import { superblock, type SuperblockFields } from "./superblock.ts";
import { xattrBlock } from "./xattrs.ts";

/** Everything that a filesystem's bytes follow from. */
export interface FilesystemSource extends InodeSource {
  readonly superblockFields: SuperblockFields;
}

/** The bytes of the filesystem, ascending: what belongs to groups and what was allocated, in the order of the disk. */
export function* filesystemExtents(source: FilesystemSource): Generator<Extent> {
  const allocated = allocatedExtents(source);
  let next = allocated.next();
  for (const own of groupExtents(source)) {
    for (; next.done !== true && next.value.offset < own.offset; next = allocated.next()) yield next.value;
    yield own;
  }
  for (; next.done !== true; next = allocated.next()) yield next.value;
}

/** The groups' own blocks. */
function groupExtents(source: FilesystemSource): Extent[] {
  const { survey, allocation, checksumSeed } = source;
  const { geometry, groups } = allocation;
  const { descriptors, bitmaps } = describeGroups(survey, allocation, checksumSeed);
  const extents = bitmaps.map(({ block, bytes }) => bytesExtent(block * blockSize, bytes));
  for (const group of groups.superblockGroups) extents.push(...superblockExtents(source, group, descriptors));
  for (let group = 0; usedInodesOf(survey, geometry, group) > 0 && group < geometry.groups; group += 1) {
    const write: WriteBlock = (index, block) => writeInodeBlock(block, index, group, source);
    const count = inodeTableBlocks(source, group);
    extents.push(blocksExtent(groups.inodeTables[group]! * blockSize, count, write));
  }
  return extents.sort((a, b) => a.offset - b.offset);
}

function superblockExtents(source: FilesystemSource, group: number, descriptors: Buffer): Extent[] {
  const { geometry, groups } = source.allocation;
  const offset = group * geometry.blocksPerGroup * blockSize;
  const own = superblock(source.superblockFields, group);
  const extents = [bytesExtent(group === 0 ? superblockAt : offset, own), bytesExtent(offset + blockSize, descriptors)];
  const hasCopies = group === 0 && groups.superblockGroups.length > 1 && geometry.reservedDescriptorBlocks > 0;
  if (!hasCopies) return extents;
  return [...extents, bytesExtent((1 + geometry.descriptorBlocks) * blockSize, reservedDescriptors(source.allocation))];
}

/** Yields the extents of allocated blocks, in the order in which `allocate` hands the blocks out. */
function* allocatedExtents(source: FilesystemSource): Generator<Extent> {
  yield* packBlocks(ownBlocks(source));
  const { inodes, placement } = source.survey;
  for (const number of placement.files) {
    const runs = inodeExtents(source.survey, source.allocation, number);
    yield* placeContent(inodes[number] as FileInode, runs);
    if (runs.length > inodeCapacity) yield* packBlocks(treeBlocks(source, number, runs));
  }
}

/** Every block before the content of the files. */
function* ownBlocks(source: FilesystemSource): Generator<OwnBlock> {
  const { survey, allocation, checksumSeed } = source;
  yield made(allocation.space.blockAt(0), () => resizeAddressBlock(allocation));
  for (const [number, place] of allocation.xattrPlaces) {
    const block = allocation.space.blockAt(place);
    yield made(block, () => xattrBlock(survey.inodes[number]!.xattrs!, block, checksumSeed));
  }
  for (const number of survey.smallContents) {
    const inode = survey.inodes[number];
    const runs = inodeExtents(survey, allocation, number);
    if (inode?.type === "symlink") yield made(runs[0]!.block, () => bytesOf(inode.target));
    else yield* directoryBlocks(source, number, runs);
    yield* treeBlocks(source, number, runs);
  }
  yield* journalBlocks(source);
}

function* journalBlocks(source: FilesystemSource): Generator<OwnBlock> {
  const { survey, allocation, superblockFields } = source;
  const { journalBlocks: count } = allocation.geometry;
  if (count === 0) return;
  const runs = inodeExtents(survey, allocation, inodeNumbers.journal);
  yield made(runs[0]!.block, () => journalSuperblock(count, superblockFields.uuid));
  yield* treeBlocks(source, inodeNumbers.journal, runs);
}

/** The blocks of an inode's extent tree, where it has any. */
function* treeBlocks(source: FilesystemSource, number: number, runs: readonly PlacedRun[]): Generator<OwnBlock> {
  if (runs.length <= inodeCapacity) return;
  const checksumSeed = inodeSeed(source.checksumSeed, number);
  for (const node of inodeTree(source, number).blocks)
    yield made(node.block, () => extentTreeBlock(node, checksumSeed));
}

function* directoryBlocks(source: FilesystemSource, number: number, runs: readonly PlacedRun[]): Generator<OwnBlock> {
  const { layout, children } = source.survey.directories.get(number)!;
  const identity = identityOf(source, number, children);
  for (const { logical, length, block } of runs) {
    for (let index = 0; index < length; index += 1) {
      yield { block: block + index, write: (target) => writeDirectoryBlock(target, logical + index, layout, identity) };
    }
  }
}

function made(block: number, bytes: () => Buffer): OwnBlock {
  return { block, write: (target) => target.set(bytes()) };
}

function identityOf(source: FilesystemSource, number: number, children: Uint32Array): DirectoryIdentity {
  const { inodes, parents } = source.survey;
  const child = (index: number) => ({ number: children[index]!, type: entryType(inodes[children[index]!]!) });
  return { number, parent: parents[number]!, checksumSeed: inodeSeed(source.checksumSeed, number), child };
}
