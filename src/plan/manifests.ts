import type { Installation } from "../bootloader/installation.ts";
import type { ByteString } from "../manifest/byte-string.ts";
import type { DirectoryInode, Inode } from "../manifest/inode.ts";
import { detach, emptyDirectory, lookUp, makeDirectory, namesOf, ownedBy, type Ownership } from "../manifest/tree.ts";

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
  const root = copyFolders(tree);
  addInstallation(root, added, folderOwnership(time));
  const deepestFirst = mountpoints
    .filter((path) => path !== "/")
    .toSorted((a, b) => namesOf(b).length - namesOf(a).length);
  const manifests = new Map<ByteString, DirectoryInode>();
  for (const mountpoint of deepestFirst) {
    makeDirectory(root, mountpoint, folderOwnership(time));
    manifests.set(mountpoint, detach(root, mountpoint) ?? emptyDirectory(folderOwnership(time)));
  }
  return manifests.set("/", root);
}

/** What a folder that we make has: it belongs to root, and everybody may look into it. */
export function folderOwnership(time: number): Ownership {
  return { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: time, nanoseconds: 0 } };
}

function addInstallation(root: DirectoryInode, added: Installation, ownership: Ownership): void {
  for (const [path, tree] of added.trees) mergeFolder(makeDirectory(root, path, ownership), tree);
  for (const [path, inode] of added.files) place(root, path, inode, ownership);
  for (const { path, uid, gid } of added.owners) {
    const inode = lookUp(root, path);
    if (inode !== undefined) place(root, path, ownedBy(inode, { uid, gid }), ownership);
  }
}

function place(root: DirectoryInode, path: ByteString, inode: Inode, ownership: Ownership): void {
  const names = namesOf(path);
  const name = names.pop();
  if (name !== undefined) makeDirectory(root, names.join("/"), ownership).entries.set(name, inode);
}

/** What the bootloader wrote wins over what was there before. */
function mergeFolder(folder: DirectoryInode, added: DirectoryInode): void {
  for (const [name, inode] of added.entries) {
    const existing = folder.entries.get(name);
    if (existing?.type === "directory" && inode.type === "directory") mergeFolder(existing, inode);
    else folder.entries.set(name, inode);
  }
}

/** A tree with folders of its own; all other inodes are shared, so that hard links stay what they are. */
function copyFolders(folder: DirectoryInode): DirectoryInode {
  const entries = new Map<ByteString, Inode>();
  for (const [name, inode] of folder.entries) {
    entries.set(name, inode.type === "directory" ? copyFolders(inode) : inode);
  }
  return { ...folder, entries };
}
