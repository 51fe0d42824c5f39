import type { ByteString } from "../../base/byte-string.ts";
import { crc32c, crc32cOfWord, crc32cOfZeros } from "../../base/crc32c.ts";
import {
  type DirectoryLayout,
  entrySize,
  type HashTree,
  nodeCapacity,
  rootCapacity,
  tailSize,
} from "./directory-layout.ts";
import { blockSize } from "./geometry.ts";

const halfMd4 = 1;
const directoryType = 2;
const tailType = 0xde;
const rootCountOffset = 32;
const nodeCountOffset = 8;
const dotLength = 12;
const entriesEnd = blockSize - tailSize;

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
  if (index > 0) block.writeUInt16LE(entriesEnd, 4);
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
  block.writeUInt16LE(entriesEnd - last, last + 4);
  return at;
}

function writeDots(block: Buffer, identity: DirectoryIdentity, parentLength: number): void {
  writeEntry(block, { at: 0, length: dotLength }, ".", { number: identity.number, type: directoryType });
  writeEntry(block, { at: dotLength, length: parentLength }, "..", { number: identity.parent, type: directoryType });
}

interface Slot {
  readonly at: number;
  readonly length: number;
}

function writeEntry(block: Buffer, { at, length }: Slot, name: ByteString, { number, type }: DirectoryChild): void {
  block.writeUInt32LE(number, at);
  block.writeUInt16LE(length, at + 4);
  block[at + 6] = name.length;
  block[at + 7] = type;
  block.write(name, at + 8, "latin1");
}

/** The tail of a block that holds nothing from `end` on. */
function writeTail(block: Buffer, end: number, checksumSeed: number): void {
  const at = entriesEnd;
  block.writeUInt16LE(tailSize, at + 4);
  block[at + 7] = tailType;
  block.writeUInt32LE(crc32cOfZeros(crc32c(checksumSeed, block, 0, end), at - end), at + 8);
}

function writeRoot(block: Buffer, tree: HashTree, identity: DirectoryIdentity): void {
  writeDots(block, identity, blockSize - dotLength);
  block[28] = halfMd4;
  block[29] = 8;
  block[30] = tree.nodes === 0 ? 0 : 1;
  const children = tree.nodes === 0 ? leaves(tree, 0, tree.leafHashes.length) : nodes(tree);
  writeIndex(block, children, { countOffset: rootCountOffset, capacity: rootCapacity }, identity.checksumSeed);
}

function writeNode(block: Buffer, node: number, tree: HashTree, identity: DirectoryIdentity): void {
  block.writeUInt16LE(blockSize, 4);
  const first = node * nodeCapacity;
  const children = leaves(tree, first, Math.min(first + nodeCapacity, tree.leafHashes.length));
  writeIndex(block, children, { countOffset: nodeCountOffset, capacity: nodeCapacity }, identity.checksumSeed);
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
  { countOffset, capacity }: { readonly countOffset: number; readonly capacity: number },
  checksumSeed: number,
): void {
  children.forEach((child, index) => {
    block.writeUInt32LE(child.hash, countOffset + index * 8);
    block.writeUInt32LE(child.block, countOffset + index * 8 + 4);
  });
  block.writeUInt16LE(capacity, countOffset);
  block.writeUInt16LE(children.length, countOffset + 2);
  const sum = crc32c(checksumSeed, block, 0, countOffset + children.length * 8);
  const reserved = crc32cOfWord(sum, 0);
  block.writeUInt32LE(crc32cOfWord(reserved, 0), countOffset + capacity * 8 + 4);
}
