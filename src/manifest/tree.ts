import { MkimageError } from "../base/errors.ts";
import { type ByteString, textOf } from "../base/byte-string.ts";
import type { DirectoryInode, Inode, Timestamp } from "./inode.ts";
import { pathFault } from "./path-limits.ts";

/** The attributes of the inodes that mkimage creates itself. */
export interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Timestamp;
}

/** An inode and where it stands: a path without a leading slash; the root's is "". */
export interface FilePlace {
  readonly path: ByteString;
  readonly inode: Inode;
}

/** A folder with nothing in it. */
export function emptyDirectory(ownership: Ownership): DirectoryInode {
  return { type: "directory", ...ownership, entries: new Map() };
}

/** The names of a path, root first: `/etc/nixos/` gives `etc`, `nixos`. */
export function namesOf(path: ByteString): ByteString[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** Finds the inode at a path, without following symbolic links; `undefined` where there is none. */
export function lookUp(root: DirectoryInode, path: ByteString): Inode | undefined {
  let inode: Inode | undefined = root;
  for (const name of namesOf(path)) {
    if (inode?.type !== "directory") return undefined;
    inode = inode.entries.get(name);
  }
  return inode;
}

/**
 * The folder at a path, made with all its parents where it is missing. Folders that exist stay as they are.
 *
 * @throws MkimageError BAD_REQUEST when something else stands in the way, or no system could open the path.
 */
export function makeDirectory(root: DirectoryInode, path: ByteString, ownership: Ownership): DirectoryInode {
  let folder = root;
  const names = namesOf(path);
  requireLegal(names);
  for (const name of names) {
    const next: Inode = folder.entries.get(name) ?? emptyDirectory(ownership);
    if (next.type !== "directory") throw notADirectory(path, name, next);
    folder.entries.set(name, next);
    folder = next;
  }
  return folder;
}

/** Sets some of the attributes of a folder that stands in a tree. */
export function changeAttributes(
  folder: DirectoryInode,
  attributes: Partial<Omit<DirectoryInode, "type" | "entries">>,
): void {
  Object.assign(folder, attributes);
}

/**
 * Puts an inode at a path whose folder exists.
 *
 * @throws MkimageError BAD_REQUEST when there is something already, no folder to hold it, or no system could open the path.
 */
export function insert(root: DirectoryInode, path: ByteString, inode: Inode): void {
  const names = namesOf(path);
  requireLegal(names);
  const name = names.pop();
  const folder = lookUp(root, names.join("/"));
  if (name === undefined || folder?.type !== "directory") {
    throw new MkimageError("BAD_REQUEST", `${shown(path)} cannot be placed: the folder that should hold it is missing`);
  }
  if (folder.entries.has(name)) throw new MkimageError("BAD_REQUEST", `${shown(path)} is there already`);
  folder.entries.set(name, inode);
}

/** A folder of its own with the same entries. What is in it is shared: hard links stay what they are, and nothing is walked. */
export function copyFolder(folder: DirectoryInode): DirectoryInode {
  return { ...folder, entries: new Map(folder.entries) };
}

/**
 * Takes the contents of a folder out, for a filesystem that will be mounted there: the folder stays as an empty mount
 * point. `undefined` when there is no folder at that path.
 */
export function detach(root: DirectoryInode, path: ByteString): DirectoryInode | undefined {
  const folder = lookUp(root, path);
  if (folder?.type !== "directory") return undefined;
  const detached = copyFolder(folder);
  folder.entries.clear();
  return detached;
}

/** Every inode with its path, folders before what is in them, names in bytewise order. Hard links come once a name. */
export function* walk(root: Inode): Generator<FilePlace> {
  const waiting: FilePlace[] = [{ path: "", inode: root }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    yield place;
    const { path, inode } = place;
    if (inode.type !== "directory") continue;
    for (const name of [...inode.entries.keys()].toSorted().reverse()) {
      waiting.push({ path: path === "" ? name : `${path}/${name}`, inode: inode.entries.get(name) as Inode });
    }
  }
}

/** How many names a tree has, its root included. */
export function countNames(root: Inode): number {
  let count = 1;
  if (root.type !== "directory") return count;
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    count += folder.entries.size;
    // Not `for … of`, which makes an array of each entry.
    folder.entries.forEach((inode) => {
      if (inode.type === "directory") waiting.push(inode);
    });
  }
  return count;
}

function requireLegal(names: readonly ByteString[]): void {
  const fault = pathFault(names);
  if (fault === undefined) return;
  const beginning = textOf(names.join("/").slice(0, 100));
  throw new MkimageError("BAD_REQUEST", `/${beginning}… cannot be placed: ${fault}`);
}

function notADirectory(path: ByteString, name: ByteString, inode: Inode): MkimageError {
  return new MkimageError(
    "BAD_REQUEST",
    `${shown(path)} cannot be made: ${textOf(name)} on its way is a ${inode.type}, not a folder`,
  );
}

function shown(path: ByteString): string {
  return `/${textOf(namesOf(path).join("/"))}`;
}

/** An entry with all that is in it, given to someone. */
export function ownedBy(inode: Inode, owner: { readonly uid: number; readonly gid: number }): Inode {
  const root = givenTo(inode, owner);
  const waiting: [from: Inode, to: Inode][] = [[inode, root]];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [from, to] = pair;
    if (from.type !== "directory" || to.type !== "directory") continue;
    for (const [name, entry] of from.entries) {
      const given = givenTo(entry, owner);
      to.entries.set(name, given);
      waiting.push([entry, given]);
    }
  }
  return root;
}

function givenTo(inode: Inode, owner: { readonly uid: number; readonly gid: number }): Inode {
  return inode.type === "directory" ? { ...inode, ...owner, entries: new Map() } : { ...inode, ...owner };
}
