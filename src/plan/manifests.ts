import type { Installation } from "../bootloader/installation.ts";
import type { ByteString } from "../manifest/byte-string.ts";
import type { DirectoryInode, Inode } from "../manifest/inode.ts";
import {
  copyFolder,
  detach,
  emptyDirectory,
  lookUp,
  makeDirectory,
  namesOf,
  ownedBy,
  type Ownership,
} from "../manifest/tree.ts";

/** The manifest of each filesystem by its mount point. */
export type Manifests = ReadonlyMap<ByteString, DirectoryInode>;

/**
 * What goes onto each mounted filesystem: the whole tree with what the bootloader adds, cut at the mount points. The
 * given tree stays as it is.
 *
 * @param mountpoints absolute paths, `/` among them or not.
 */
export function manifestsOf(
  tree: DirectoryInode,
  mountpoints: readonly string[],
  added: Installation,
  time: number,
): Manifests {
  const root = copyFolder(tree);
  const change: Change = { root, own: new Set([root]), ownership: folderOwnership(time) };
  addInstallation(change, added);
  const deepestFirst = mountpoints
    .filter((path) => path !== "/")
    .toSorted((a, b) => namesOf(b).length - namesOf(a).length);
  const manifests = new Map<ByteString, DirectoryInode>();
  for (const mountpoint of deepestFirst) {
    folderAt(change, mountpoint);
    manifests.set(mountpoint, detach(root, mountpoint) ?? emptyDirectory(folderOwnership(time)));
  }
  return manifests.set("/", root);
}

/** What a folder that we make has: it belongs to root, and everybody may look into it. */
export function folderOwnership(time: number): Ownership {
  return { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: time, nanoseconds: 0 } };
}

/** A tree that is being changed while the one that it came from stays as it is. */
interface Change {
  readonly root: DirectoryInode;
  /** The folders that are its own; all else it shares. */
  readonly own: Set<DirectoryInode>;
  /** Of folders that are made. */
  readonly ownership: Ownership;
}

function addInstallation(change: Change, added: Installation): void {
  for (const [path, tree] of added.trees) mergeFolder(change, folderAt(change, path), tree);
  for (const [path, inode] of added.files) place(change, path, inode);
  for (const { path, uid, gid } of added.owners) {
    const inode = lookUp(change.root, path);
    if (inode !== undefined) place(change, path, ownedBy(inode, { uid, gid }));
  }
}

function place(change: Change, path: ByteString, inode: Inode): void {
  const names = namesOf(path);
  const name = names.pop();
  if (name !== undefined) folderAt(change, names.join("/")).entries.set(name, inode);
}

/** What the bootloader wrote wins over what was there before. */
function mergeFolder(change: Change, folder: DirectoryInode, added: DirectoryInode): void {
  for (const [name, inode] of added.entries) {
    const existing = folder.entries.get(name);
    if (existing?.type === "directory" && inode.type === "directory")
      mergeFolder(change, ownFolder(change, folder, name, existing), inode);
    else folder.entries.set(name, inode);
  }
}

/** The folder at a path, made where it is missing, as one that can be changed. */
function folderAt(change: Change, path: ByteString): DirectoryInode {
  let folder = change.root;
  for (const name of namesOf(path)) {
    const next = folder.entries.get(name);
    if (next?.type !== "directory") break;
    folder = ownFolder(change, folder, name, next);
  }
  return makeDirectory(change.root, path, change.ownership);
}

function ownFolder({ own }: Change, parent: DirectoryInode, name: ByteString, folder: DirectoryInode): DirectoryInode {
  if (own.has(folder)) return folder;
  const copy = copyFolder(folder);
  own.add(copy);
  parent.entries.set(name, copy);
  return copy;
}
