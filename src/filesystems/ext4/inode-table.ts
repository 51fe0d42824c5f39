import type { DeviceInode, Inode } from "../../manifest/inode.ts";
import { inodeSeed } from "../../structures/ext4/checksums.ts";
import { deviceWords, inodeFlags, inodeNumbers, inodeTypes } from "../../structures/ext4/inode.ts";
import { type ExtAllocation, inodeExtents } from "./allocate.ts";
import { buildExtentTree, type ExtentTree, writeExtentRoot } from "./extent-tree.ts";
import { blockSize, inodesPerBlock } from "./geometry.ts";
import { usedInodesOf } from "./group-descriptors.ts";
import { blockAreaWord, type InodeFields, inodeWords, sealInode, writeInodeFields, xattrWord } from "./inode-record.ts";
import { resizeInodeBlocks, resizeInodeSize, writeResizeArea } from "./resize-inode.ts";
import { isFastSymlink, linkCount } from "./inode-limits.ts";
import type { ExtSurvey } from "./survey.ts";
import { wordsOver } from "./words.ts";
import { writeXattrBody } from "./xattrs.ts";

/** The data that inode records are written from. */
export interface InodeSource {
  readonly survey: ExtSurvey;
  readonly allocation: ExtAllocation;
  readonly checksumSeed: number;
  /** When every inode came to be, in seconds. */
  readonly time: number;
}

const types: Readonly<Record<Inode["type"], number>> = inodeTypes;

/** How many blocks of a group's inode table are in use: always its first ones. */
export function inodeTableBlocks({ survey, allocation }: Omit<InodeSource, "time">, group: number): number {
  return Math.ceil(usedInodesOf(survey, allocation.geometry, group) / inodesPerBlock);
}

/** Fills a block of zeros with the inodes of block `index` of a group's table. */
export function writeInodeBlock(block: Buffer, index: number, group: number, source: InodeSource): void {
  const { geometry } = source.allocation;
  const table = { words: wordsOver(block), bytes: block };
  const first = index * inodesPerBlock;
  const end = Math.min(first + inodesPerBlock, usedInodesOf(source.survey, geometry, group));
  for (let inode = first; inode < end; inode += 1) {
    const number = group * geometry.inodesPerGroup + inode + 1;
    writeInode({ table, at: (inode - first) * inodeWords, number }, source);
  }
}

/** The tree over the extents of an inode's content. */
export function inodeTree({ survey, allocation }: Omit<InodeSource, "time">, number: number): ExtentTree {
  const extents = inodeExtents(survey, allocation, number);
  let blocks = 0;
  for (const { length } of extents) blocks += length;
  return buildExtentTree(extents, allocation.space, allocation.places[number]! + blocks);
}

/** Where an inode is written and which one it is. */
interface Slot {
  readonly table: { readonly words: Uint32Array; readonly bytes: Buffer };
  /** In words. */
  readonly at: number;
  readonly number: number;
}

function writeInode(slot: Slot, source: InodeSource): void {
  const { table, at, number } = slot;
  const inode = source.survey.inodes[number];
  if (inode !== undefined) writeManifestInode(slot, inode, source);
  else if (number === inodeNumbers.journal && source.allocation.geometry.journalBlocks > 0)
    writeJournalInode(slot, source);
  else if (number === inodeNumbers.resize) writeResizeInode(slot, source);
  else return;
  sealInode(table.words, at, inodeSeed(source.checksumSeed, number));
}

function writeManifestInode(slot: Slot, inode: Inode, source: InodeSource): void {
  const { survey, allocation } = source;
  const { table, at, number } = slot;
  const xattrPlace = allocation.xattrPlaces.get(number);
  const treeBlocks = writeBlockArea(slot, inode, source);
  writeInodeFields(table.words, at, {
    mode: types[inode.type] | inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    size: sizeOf(inode, survey.blocks[number]!),
    links: linkCount(survey.links[number]!),
    blocks: survey.blocks[number]! + treeBlocks + (xattrPlace === undefined ? 0 : 1),
    flags: flagsOf(inode, survey, number),
    xattrBlock: xattrPlace === undefined ? 0 : allocation.space.blockAt(xattrPlace),
    modified: inode.mtime,
    made: source.time,
  });
  if (inode.xattrs !== undefined) writeXattrBody(table.bytes, (at + xattrWord) * 4, inode.xattrs);
}

/** Writes what says where the content is, or the content itself; gives the number of blocks that the tree takes. */
function writeBlockArea({ table, at, number }: Slot, inode: Inode, source: InodeSource): number {
  const area = at + blockAreaWord;
  if (hasExtents(inode)) {
    const tree = inodeTree(source, number);
    writeExtentRoot(table.words, area, tree);
    return tree.blocks.length;
  }
  if (inode.type === "symlink") table.bytes.write(inode.target, area * 4, "latin1");
  if (inode.type === "character-device" || inode.type === "block-device") writeDevice(table.words, area, inode);
  return 0;
}

function writeDevice(words: Uint32Array, at: number, { major, minor }: DeviceInode): void {
  [words[at], words[at + 1]] = deviceWords(major, minor);
}

function hasExtents(inode: Inode): boolean {
  if (inode.type === "symlink") return !isFastSymlink(inode.target);
  return inode.type === "file" || inode.type === "directory";
}

function flagsOf(inode: Inode, survey: ExtSurvey, number: number): number {
  const isIndexed = inode.type === "directory" && survey.directories.get(number)!.layout.tree !== undefined;
  return (hasExtents(inode) ? inodeFlags.extents : 0) | (isIndexed ? inodeFlags.indexed : 0);
}

function sizeOf(inode: Inode, blocks: number): number {
  if (inode.type === "file") return inode.size;
  if (inode.type === "directory") return blocks * blockSize;
  return inode.type === "symlink" ? inode.target.length : 0;
}

function writeJournalInode(slot: Slot, source: InodeSource): void {
  const { journalBlocks } = source.allocation.geometry;
  const tree = inodeTree(source, inodeNumbers.journal);
  writeExtentRoot(slot.table.words, slot.at + blockAreaWord, tree);
  const size = journalBlocks * blockSize;
  writeOwnInode(slot, { size, blocks: journalBlocks + tree.blocks.length, flags: inodeFlags.extents }, source.time);
}

function writeResizeInode(slot: Slot, { allocation, time }: InodeSource): void {
  writeResizeArea(slot.table.words, slot.at + blockAreaWord, allocation);
  writeOwnInode(slot, { size: resizeInodeSize, blocks: resizeInodeBlocks(allocation), flags: 0 }, time);
}

/** An inode of the filesystem's own, which no name leads to. */
function writeOwnInode(slot: Slot, fields: Pick<InodeFields, "size" | "blocks" | "flags">, made: number): void {
  const mode = inodeTypes.file | 0o600;
  const times = { modified: { seconds: made, nanoseconds: 0 }, made };
  writeInodeFields(slot.table.words, slot.at, { mode, uid: 0, gid: 0, links: 1, xattrBlock: 0, ...times, ...fields });
}
