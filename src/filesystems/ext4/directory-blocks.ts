import type { ByteString } from "../../base/byte-string.ts";
import { folderChecksum, hashTreeNodeChecksum } from "../../structures/ext4/checksums.ts";
import {
  entryHeaderLength,
  entryTypes,
  extFolderEntry,
  folderTail,
  folderTailLength,
  hashTreeChecksum,
  hashTreeChild,
  hashTreeChildLength,
  hashTreeCounts,
  hashTreeRoot,
  nodeChildrenAt,
  rootChildrenAt,
  tailType,
} from "../../structures/ext4/folder-block.ts";
import { nameHashes } from "../../structures/ext4/superblock.ts";
import { writeRecord } from "../../structures/record.ts";
import { type DirectoryLayout, entrySize, type HashTree, nodeCapacity, rootCapacity } from "./directory-layout.ts";
import { blockSize } from "./geometry.ts";

const dotLength = entrySize(".");
const entriesEnd = blockSize - folderTailLength;
/** Where the fields of an entry stand: tens of thousands are written in a second. */
const { offset: inodeAt } = extFolderEntry.inode;
const { offset: lengthAt } = extFolderEntry.length;
const { offset: nameLengthAt } = extFolderEntry.nameLength;
const { offset: typeAt } = extFolderEntry.type;

/** The target of a directory entry: the inode number and the file type number. */
interface DirectoryChild {
  readonly number: number;
  readonly type: number;
}

/** A folder's inode number, its parent's, and the inodes that its names refer to. */
export interface DirectoryIdentity {
  readonly number: number;
  readonly parent: number;
  /** The seed of the checksums of this inode's blocks. */
  readonly checksumSeed: number;
  /** Returns the target of the name with this index in bytewise order. */
  readonly child: (index: number) => DirectoryChild;
}

/**
 * Fills `block`, which is all zeros, with block `index` of a folder.
 *
 * Source: kernel.org, filesystems/ext4, "Directory Entries".
 */
export function writeDirectoryBlock(
  block: Buffer,
  index: number,
  layout: DirectoryLayout,
  identity: DirectoryIdentity,
): void {
  const { tree } = layout;
  if (tree === undefined) writeOnlyBlock(block, index, layout, identity);
  else if (index === 0) writeRoot(block, tree, identity);
  else if (index <= tree.nodes) writeNode(block, index - 1, tree, identity);
  else writeLeaf(block, index - 1 - tree.nodes, layout, identity);
}

/** A folder without a tree; what it has behind its first block (lost+found does) is empty. */
function writeOnlyBlock(block: Buffer, index: number, { names }: DirectoryLayout, identity: DirectoryIdentity): void {
  if (index > 0) extFolderEntry.length.write(block, entriesEnd);
  else writeDots(block, identity, names.length === 0 ? entriesEnd - dotLength : dotLength);
  const isFirst = index === 0 && names.length > 0;
  const end = isFirst ? writeEntries(block, 2 * dotLength, names, names.keys(), identity) : 2 * dotLength;
  writeTail(block, end, identity.checksumSeed);
}

function writeLeaf(block: Buffer, leaf: number, { names, tree }: DirectoryLayout, identity: DirectoryIdentity): void {
  const { order, leafStarts } = tree!;
  const indices = order.subarray(leafStarts[leaf], leafStarts[leaf + 1]);
  writeTail(block, writeEntries(block, 0, names, indices, identity), identity.checksumSeed);
}

/** Writes entries from `start` on, the last of which reaches to the block's tail; gives where its name ends. */
function writeEntries(
  block: Buffer,
  start: number,
  names: readonly ByteString[],
  indices: Iterable<number>,
  identity: DirectoryIdentity,
): number {
  let at = start;
  let last = start;
  for (const index of indices) {
    const name = names[index]!;
    const length = entrySize(name);
    writeEntry(block, { at, length }, name, identity.child(index));
    last = at;
    at += length;
  }
  extFolderEntry.length.write(block, entriesEnd - last, last);
  return at;
}

function writeDots(block: Buffer, identity: DirectoryIdentity, parentLength: number): void {
  writeEntry(block, { at: 0, length: dotLength }, ".", { number: identity.number, type: entryTypes.directory });
  writeEntry(block, { at: dotLength, length: parentLength }, "..", {
    number: identity.parent,
    type: entryTypes.directory,
  });
}

interface Slot {
  readonly at: number;
  readonly length: number;
}

function writeEntry(block: Buffer, { at, length }: Slot, name: ByteString, { number, type }: DirectoryChild): void {
  block.writeUInt32LE(number, at + inodeAt);
  block.writeUInt16LE(length, at + lengthAt);
  block[at + nameLengthAt] = name.length;
  block[at + typeAt] = type;
  block.write(name, at + entryHeaderLength, "latin1");
}

/** The tail of a block that holds nothing from `end` on. */
function writeTail(block: Buffer, end: number, checksumSeed: number): void {
  const checksum = folderChecksum(checksumSeed, block, end, entriesEnd);
  writeRecord(folderTail, block, { length: folderTailLength, type: tailType, checksum }, entriesEnd);
}

function writeRoot(block: Buffer, tree: HashTree, identity: DirectoryIdentity): void {
  writeDots(block, identity, blockSize - dotLength);
  const levels = tree.nodes === 0 ? 0 : 1;
  writeRecord(hashTreeRoot, block, { nameHash: nameHashes.halfMd4, infoLength: 8, levels });
  const children = tree.nodes === 0 ? leaves(tree, 0, tree.leafHashes.length) : nodes(tree);
  writeIndex(block, children, { at: rootChildrenAt, capacity: rootCapacity }, identity.checksumSeed);
}

function writeNode(block: Buffer, node: number, tree: HashTree, identity: DirectoryIdentity): void {
  extFolderEntry.length.write(block, blockSize);
  const first = node * nodeCapacity;
  const children = leaves(tree, first, Math.min(first + nodeCapacity, tree.leafHashes.length));
  writeIndex(block, children, { at: nodeChildrenAt, capacity: nodeCapacity }, identity.checksumSeed);
}

interface IndexEntry {
  readonly hash: number;
  readonly block: number;
}

function nodes(tree: HashTree): IndexEntry[] {
  return Array.from({ length: tree.nodes }, (_, node) => ({
    hash: tree.leafHashes[node * nodeCapacity]!,
    block: 1 + node,
  }));
}

function leaves(tree: HashTree, from: number, to: number): IndexEntry[] {
  const hashes = tree.leafHashes.slice(from, to);
  return hashes.map((hash, index) => ({ hash, block: 1 + tree.nodes + from + index }));
}

/** Writes the children of a root or node. The first one's hash is left out: its place holds the two counts. */
function writeIndex(
  block: Buffer,
  children: readonly IndexEntry[],
  { at, capacity }: { readonly at: number; readonly capacity: number },
  checksumSeed: number,
): void {
  children.forEach((child, index) => writeRecord(hashTreeChild, block, child, at + index * hashTreeChildLength));
  writeRecord(hashTreeCounts, block, { capacity, count: children.length }, at);
  const checksum = hashTreeNodeChecksum(checksumSeed, block, at + children.length * hashTreeChildLength);
  writeRecord(hashTreeChecksum, block, { checksum }, at + capacity * hashTreeChildLength);
}
