import type { Installation } from "../../bootloaders/installation.ts";
import type { DirectoryInode, FileInode, Inode } from "../../manifest/inode.ts";
import { emptyDirectory, lookUp, ownedBy, type Ownership } from "../../manifest/tree.ts";
import { moveToSources, type BoundPiece, type Pieces, type Unkept } from "./bind-mounts.ts";
import { type PlacedMount, reasonOf } from "../../devices/tree/mount-table.ts";
import { type TreeChange, changeOf, cutOut, folderAt, ownFolder, place } from "./tree-change.ts";

/** Everything that goes into an image, by what it lies in. */
export interface Manifests {
  /** The manifest of each filesystem by its mount point. */
  readonly kept: ReadonlyMap<string, DirectoryInode>;
  /** Files and folders that lie in no filesystem of the tree. */
  readonly unkept: readonly Unkept[];
}

/**
 * Makes the manifest of each mounted filesystem: the whole tree with the bootloader's files, cut at the mount points. Files
 * below a bind mount go to its source. The given tree stays as it is.
 *
 * @param mounts as `mountTable` gives them.
 * @throws MkimageError BAD_REQUEST when something stands in the way of a mount point, or of what is moved to a source.
 */
export function manifestsOf(
  tree: DirectoryInode,
  mounts: readonly PlacedMount[],
  added: Installation,
  time: number,
): Manifests {
  const change = changeOf(tree, folderOwnership(time));
  addInstallation(change, added);
  const pieces = piecesOf(change, mounts);
  const unmoved = moveToSources(pieces, mounts);
  const kept = [...pieces].flatMap(([mount, { change: piece }]) =>
    mount?.keeper.kind === "filesystem" ? [[mount.mountpoint, piece.root] as const] : [],
  );
  const elsewhere = [...pieces].flatMap(([mount, { change: piece }]) => {
    const reason = reasonOf(mount);
    return reason === undefined ? [] : [{ names: mount?.names ?? [], inode: piece.root, reason }];
  });
  return { kept: new Map(kept), unkept: [...elsewhere, ...unmoved] };
}

/** The tree in pieces, each what stands below a mount point; that of the root is always there. */
function piecesOf(change: TreeChange, mounts: readonly PlacedMount[]): Pieces {
  const below = mounts.filter(({ names }) => names.length > 0);
  const pieces = below.map((mount): [PlacedMount, BoundPiece] => [mount, pieceAt(mount, change)]);
  return new Map<PlacedMount | undefined, BoundPiece>([
    ...pieces,
    [mounts.find(({ names }) => names.length === 0), { change, top: "folder" }],
  ]);
}

function pieceAt({ names, keeper }: PlacedMount, change: TreeChange): BoundPiece {
  const path = names.join("/");
  const found = lookUp(change.root, path);
  const source = keeper.kind === "bind" ? lookUp(change.root, keeper.source.join("/")) : undefined;
  if (keeper.kind !== "bind" || !(isFile(found) || (found === undefined && isFile(source))))
    return { change: cutOut(change, path), top: "folder" };
  // A file can be mounted on a file only.
  place(change, path, emptyFile(change.ownership));
  return { change: changeOf(emptyDirectory(change.ownership), change.ownership), top: found };
}

function isFile(inode: Inode | undefined): boolean {
  return inode !== undefined && inode.type !== "directory";
}

function emptyFile(ownership: Ownership): FileInode {
  return { type: "file", ...ownership, mode: 0o644, size: 0, content: [] };
}

/** The owner, mode and time of a folder that mkimage makes: it belongs to root, and everybody may look into it. */
export function folderOwnership(time: number): Ownership {
  return { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: time, nanoseconds: 0 } };
}

function addInstallation(change: TreeChange, added: Installation): void {
  for (const [path, tree] of added.trees) mergeFolder(change, folderAt(change, path), tree);
  for (const [path, inode] of added.files) place(change, path, inode);
  for (const { path, uid, gid } of added.owners) {
    const inode = lookUp(change.root, path);
    if (inode !== undefined) place(change, path, ownedBy(inode, { uid, gid }));
  }
}

/** Merges the bootloader's files into a folder; they replace files of the same name. */
function mergeFolder(change: TreeChange, folder: DirectoryInode, added: DirectoryInode): void {
  for (const [name, inode] of added.entries) {
    const existing = folder.entries.get(name);
    if (existing?.type === "directory" && inode.type === "directory")
      mergeFolder(change, ownFolder(change, folder, name, existing), inode);
    else folder.entries.set(name, inode);
  }
}
