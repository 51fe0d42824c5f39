import type { ByteString } from "../../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../../manifest/inode.ts";
import { copyFolder, detach, makeDirectory, namesOf, type Ownership } from "../../manifest/tree.ts";

/** A tree that is being changed while the one that it came from stays as it is. */
export interface TreeChange {
  readonly root: DirectoryInode;
  /** The folders that are its own; all else it shares. */
  readonly own: Set<DirectoryInode>;
  /** Of folders that are made. */
  readonly ownership: Ownership;
}

/** Begins to change a tree. */
export function changeOf(tree: DirectoryInode, ownership: Ownership): TreeChange {
  const root = copyFolder(tree);
  return { root, own: new Set([root]), ownership };
}

/** The folder at a path, made where it is missing, as one that can be changed. */
export function folderAt(change: TreeChange, path: ByteString): DirectoryInode {
  let folder = change.root;
  for (const name of namesOf(path)) {
    const next = folder.entries.get(name);
    if (next?.type !== "directory") break;
    folder = ownFolder(change, folder, name, next);
  }
  return makeDirectory(change.root, path, change.ownership);
}

/** A folder of the tree, as one that can be changed. */
export function ownFolder(
  { own }: TreeChange,
  parent: DirectoryInode,
  name: ByteString,
  folder: DirectoryInode,
): DirectoryInode {
  if (own.has(folder)) return folder;
  const copy = copyFolder(folder);
  own.add(copy);
  parent.entries.set(name, copy);
  return copy;
}

/** Puts an inode at a path, whatever is there. */
export function place(change: TreeChange, path: ByteString, inode: Inode): void {
  const names = namesOf(path);
  const name = names.pop();
  if (name !== undefined) folderAt(change, names.join("/")).entries.set(name, inode);
}

/** Takes the contents of a folder out, as a tree that is changed on its own; the folder stays, made where it was missing. */
export function cutOut(change: TreeChange, path: ByteString): TreeChange {
  folderAt(change, path);
  const root = detach(change.root, path) as DirectoryInode;
  change.own.add(root);
  return { ...change, root };
}
