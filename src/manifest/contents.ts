import { realpathSync } from "node:fs";
import { basename, resolve } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { type ByteString, byteString } from "../base/byte-string.ts";
import { expandPattern, isPattern } from "./glob.ts";
import type { Inode, Timestamp } from "./inode.ts";
import { readTree } from "./read-folder.ts";
import { copyRules } from "./read-rules.ts";
import { ownedBy } from "./tree.ts";

/** One wish of the user: files of this machine that belong into the image. */
export interface ContentEntry {
  /** A file, a folder, or a pattern with `*` and `?`. */
  readonly source: string;
  /** An absolute path in the image: what a file or folder becomes, or the folder that takes what a pattern matches. */
  readonly target: string;
  /** Octal; for the files and folders that the source names, not for what is in those folders. */
  readonly mode?: string | undefined;
  /** Names or numbers; both or neither. They hold for everything that is copied. */
  readonly user?: string | undefined;
  readonly group?: string | undefined;
}

/** The inodes that one entry puts into the image. */
export interface Content {
  readonly entry: ContentEntry;
  /** The folder of a pattern, made where it is missing. */
  readonly folder?: ByteString;
  /** Each with its absolute path in the image. */
  readonly items: readonly { readonly path: ByteString; readonly inode: Inode }[];
}

/**
 * Reads the files that the entries name. Owners are root's or the given numbers, times are `time`, modes are the files'
 * own unless the entry sets one.
 *
 * @throws MkimageError BAD_REQUEST listing every entry that cannot be read, or matches nothing.
 */
export function readContents(entries: readonly ContentEntry[], time: Timestamp): Content[] {
  const faults: string[] = [];
  const contents = entries.flatMap((entry) => {
    try {
      return [isPattern(entry.source) ? readMatches(entry, time) : readOne(entry, time)];
    } catch (error) {
      faults.push(`${entry.source}: ${(error as Error).message}`);
      return [];
    }
  });
  if (faults.length === 0) return contents;
  throw new MkimageError("BAD_REQUEST", "some contents cannot be read", { details: faults });
}

function readOne(entry: ContentEntry, time: Timestamp): Content {
  // A link such as ./result stands for what it leads to.
  const source: ByteString = realpathSync(resolve(entry.source), "latin1");
  return { entry, items: [{ path: byteString(entry.target), inode: readItem(source, entry, time) }] };
}

function readMatches(entry: ContentEntry, time: Timestamp): Content {
  const sources = expandPattern(byteString(resolve(entry.source)));
  if (sources.length === 0) throw new Error("nothing matches");
  const folder = byteString(entry.target);
  const items = sources.map((source) => ({
    path: `${folder}/${basename(source)}`,
    inode: readItem(source, entry, time),
  }));
  return { entry, folder, items };
}

function readItem(source: ByteString, entry: ContentEntry, time: Timestamp): Inode {
  const owner = numericOwner(entry);
  const tree = readTree(source, copyRules(time));
  const inode = owner === undefined ? tree : ownedBy(tree, owner);
  if (entry.mode === undefined || inode.type === "symlink") return inode;
  return { ...inode, mode: Number.parseInt(entry.mode, 8) };
}

/** The owner that this machine can set; `undefined` when a name needs the image's own list of users. */
export function numericOwner({ user, group }: ContentEntry): { uid: number; gid: number } | undefined {
  const uid = numberOf(user);
  const gid = numberOf(group);
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function numberOf(name: string | undefined): number | undefined {
  if (name === undefined || name === "root") return 0;
  return /^\d+$/.test(name) ? Number(name) : undefined;
}
