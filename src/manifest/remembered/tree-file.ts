import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { TreeColumns } from "./columns.ts";

/**
 * A file of remembered trees: the SHA-256 of all that follows, the length of each part, and the parts: inodes, names and targets of
 * all trees, one behind the other, and an index. It is never changed.
 */
const sumLength = 32;
const start = sumLength + 16;

/** A line of the index: the key of a tree, and how much of each part is of it, in bytes. */
type IndexEntry = readonly [key: string, inodes: number, names: number, targets: number];

/** The bytes of a file of trees by their keys. */
export function treeFileOf(trees: ReadonlyMap<string, TreeColumns>): Buffer {
  const columns = [...trees.values()].map(({ inodes, names, targets }) => [bytesOver(inodes), names, targets] as const);
  const index = [...trees.keys()].map((key, tree) => [key, ...(columns[tree] ?? []).map(({ length }) => length)]);
  const parts = [0, 1, 2].map((part) => Buffer.concat(columns.map((column) => column[part] ?? empty)));
  parts.push(Buffer.from(JSON.stringify(index)));
  const lengths = Uint32Array.from(parts, ({ length }) => length);
  const rest = Buffer.concat([bytesOver(lengths), ...parts]);
  return Buffer.concat([hash("sha256", rest, "buffer"), rest]);
}

/** The trees of a file; none where it is gone, damaged, or something else. */
export function readTreeFile(path: string): ReadonlyMap<string, TreeColumns> {
  try {
    const bytes = readFileSync(path);
    const isSound = hash("sha256", bytes.subarray(sumLength), "buffer").equals(bytes.subarray(0, sumLength));
    return isSound ? treesIn(bytes) : new Map();
  } catch {
    return new Map();
  }
}

function treesIn(bytes: Buffer): ReadonlyMap<string, TreeColumns> {
  const [inodes = 0, names = 0, targets = 0] = wordsOf(bytes.subarray(sumLength, start));
  const ends = [start, start + inodes, start + inodes + names];
  const index = JSON.parse(bytes.toString("utf8", start + inodes + names + targets)) as readonly IndexEntry[];
  return new Map(
    index.map(([key, ...lengths]) => {
      const [own = empty, ownNames = empty, ownTargets = empty] = lengths.map((length, part) => {
        const end = (ends[part] ?? 0) + length;
        ends[part] = end;
        return bytes.subarray(end - length, end);
      });
      return [key, { inodes: wordsOf(own), names: ownNames, targets: ownTargets }];
    }),
  );
}

const empty = Buffer.alloc(0);

/** Words of this machine's, as the cache is. */
function wordsOf(bytes: Buffer): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

function bytesOver({ buffer, byteOffset, byteLength }: Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
