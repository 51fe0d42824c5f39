import { MkimageError } from "../../base/errors.ts";
import type { ByteString } from "../../base/byte-string.ts";
import {
  entryHeaderLength,
  folderTailLength,
  hashTreeChildLength,
  nodeChildrenAt,
  rootChildrenAt,
} from "../../structures/ext4/folder-block.ts";
import { blockSize } from "./geometry.ts";
import { hashName } from "./hash.ts";

/** Children of the root of a hash tree and of its nodes; the last place holds a checksum. */
export const rootCapacity = (blockSize - rootChildrenAt) / hashTreeChildLength - 1;
export const nodeCapacity = (blockSize - nodeChildrenAt) / hashTreeChildLength - 1;

const dotEntriesSize = 2 * entrySize(".");
const mostEntries = 2 ** 22;

/**
 * How a folder's names fall into blocks. A folder of one block holds them in bytewise order after `.` and `..`; a larger
 * one is a hash tree: the root block, then nodes if there are any, then leaves in the order of the hashes.
 */
export interface DirectoryLayout {
  /** In bytewise order. */
  readonly names: readonly ByteString[];
  readonly blocks: number;
  readonly tree?: HashTree;
}

export interface HashTree {
  /** Indices of the names in the order of their hashes: the order in which they stand on the disk. */
  readonly order: Uint32Array;
  /** For each leaf: its first name's place in that order, and the least hash that belongs there. */
  readonly leafStarts: readonly number[];
  readonly leafHashes: readonly number[];
  /** Nodes between the root and the leaves, or 0 where the root has them all. */
  readonly nodes: number;
}

/**
 * Lays out a folder with these names, which come in bytewise order.
 *
 * @throws MkimageError DOES_NOT_FIT when there are more than 4,194,304, or more than two levels of a tree can hold.
 */
export function layOutDirectory(names: readonly ByteString[], seed: Uint32Array): DirectoryLayout {
  let size = dotEntriesSize;
  for (const name of names) size += entrySize(name);
  if (size <= blockSize - folderTailLength) return { names, blocks: 1 };
  if (names.length > mostEntries) throw tooMany(names.length);
  return layOutTree(names, seed);
}

/** Returns the length in bytes of the directory entry of a name. */
export function entrySize(name: ByteString): number {
  return entryHeaderLength + ((name.length + 3) & ~3);
}

function layOutTree(names: readonly ByteString[], seed: Uint32Array): DirectoryLayout {
  const keys = sortKeys(names, seed);
  const order = Uint32Array.from(keys, (key) => key % mostEntries);
  const leafStarts: number[] = [];
  const leafHashes: number[] = [];
  let left = 0;
  let previous = -1;
  for (let place = 0; place < order.length; place += 1) {
    const hash = Math.floor(keys[place]! / mostEntries) * 2;
    const size = entrySize(names[order[place]!]!);
    if (size > left) {
      leafStarts.push(place);
      // The lowest bit says that names of this hash begin in the leaf before.
      leafHashes.push(hash === previous ? hash + 1 : hash);
      left = blockSize - folderTailLength;
    }
    left -= size;
    previous = hash;
  }
  const nodes = leafStarts.length <= rootCapacity ? 0 : Math.ceil(leafStarts.length / nodeCapacity);
  if (nodes > rootCapacity) throw tooMany(names.length);
  return { names, blocks: 1 + nodes + leafStarts.length, tree: { order, leafStarts, leafHashes, nodes } };
}

/** For each name a number of 53 bits that sorts by hash and then by name: half of the hash, and the name's index. */
function sortKeys(names: readonly ByteString[], seed: Uint32Array): Float64Array {
  const keys = new Float64Array(names.length);
  for (let index = 0; index < names.length; index += 1) {
    keys[index] = (hashName(names[index]!, seed) / 2) * mostEntries + index;
  }
  return keys.sort();
}

function tooMany(entries: number): MkimageError {
  return new MkimageError("DOES_NOT_FIT", `a folder has ${entries} entries: more than an ext4 folder can hold`, {
    hint: "spread the files over several folders",
  });
}
