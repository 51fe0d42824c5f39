import { constants } from "node:fs";
import type { ByteString } from "../../base/byte-string.ts";
import { at, inodeWords } from "../../runtime/inode-columns.ts";
import type { Inode } from "../inode.ts";
import type { Walked } from "../walk/walked.ts";

/** A tree of a store without its contents, in columns: what Nix keeps of it. Its names and targets are as in `Walked`. */
export interface TreeColumns {
  /** `columnWords` of each inode. Behind a folder comes all that is in it. */
  readonly inodes: Uint32Array;
  readonly names: Uint8Array;
  readonly targets: Uint8Array;
}

/** The words of a walk that are kept. Of the others nothing is in an image that has a store path. */
const columns = [at.mode, at.size, at.size + 1, at.entries] as const;
export const columnWords = columns.length;

/** Columns of a tree as it was read; `undefined` where it has something that no store path has. */
export function columnsOf(tree: Inode): TreeColumns | undefined {
  const inodes: number[] = [];
  const names: ByteString[] = [];
  const targets: ByteString[] = [];
  const waiting: [ByteString, Inode][] = [["", tree]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [name, inode] = next;
    if (inode.type !== "file" && inode.type !== "directory" && inode.type !== "symlink") return undefined;
    const size = inode.type === "file" ? inode.size : 0;
    const entries = inode.type === "directory" ? [...inode.entries].toReversed() : [];
    inodes.push(formats[inode.type] | inode.mode, size % 2 ** 32, Math.floor(size / 2 ** 32), entries.length);
    names.push(`${name}/`);
    if (inode.type === "symlink") targets.push(`${inode.target}\0`);
    for (const entry of entries) waiting.push(entry);
  }
  return { inodes: Uint32Array.from(inodes), names: latin1(names), targets: latin1(targets) };
}

/** The result of a walk through these trees, as far as it matters; `trees` are their places in a list. */
export function walkedOf(trees: readonly number[], parts: readonly TreeColumns[]): Walked {
  const words = joined(parts.map(({ inodes }) => inodes));
  const inodes = new Uint32Array((words.length / columnWords) * inodeWords);
  for (let from = 0, to = 0; from < words.length; from += columnWords, to += inodeWords)
    for (let column = 0; column < columnWords; column += 1)
      inodes[to + (columns[column] as number)] = words[from + column] as number;
  const targets = Buffer.concat(parts.map((part) => part.targets)).toString("latin1");
  return { trees, faults: new Map(), inodes, names: joinedBytes(parts), targets, xattrs: new Map() };
}

const formats = { file: constants.S_IFREG, directory: constants.S_IFDIR, symlink: constants.S_IFLNK } as const;

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

/** In memory that has nothing else. */
function joinedBytes(parts: readonly TreeColumns[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts.map(({ names }) => names)));
}

function latin1(texts: readonly ByteString[]): Uint8Array {
  return Buffer.from(texts.join(""), "latin1");
}
