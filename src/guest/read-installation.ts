import type { Installation, ResolvedOwner } from "../bootloaders/installation.ts";
import { byteString, type ByteString } from "../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../manifest/inode.ts";
import type { GuestInstallRequest } from "./install-job.ts";
import { lookUp } from "../manifest/tree.ts";
import { contentOf } from "../manifest/file-content.ts";

/** The results of an installation job. Boot code outside of filesystems is on the disk itself. */
export interface GuestInstallation extends Omit<Installation, "bootCode"> {
  /** The other paths that the installer changed on the root filesystem; absolute, sorted. */
  readonly changed: readonly ByteString[];
}

/** Reads the results of the job that `installJob` made from the same request; its file contents stay in the results. */
export function readInstallation(results: DirectoryInode, request: GuestInstallRequest): GuestInstallation {
  const { trees, files } = request.capture;
  return {
    trees: new Map(trees.flatMap((path) => treeAt(results, path, trees))),
    files: new Map(files.flatMap((path) => inodeAt(results, path))),
    owners: request.owners.map(({ path }, index) => ownerAt(results, byteString(path), index)),
    changed: linesOf(results, "files/changed").sort(),
  };
}

/** A tree without those inside it that are asked for by themselves: in their place there is an empty folder. */
function treeAt(results: DirectoryInode, path: ByteString, trees: readonly ByteString[]) {
  const tree = lookUp(results, `mnt${path}`);
  if (tree?.type !== "directory") return [];
  const inner = trees.filter((other) => other.startsWith(`${path}/`)).map((other) => other.slice(path.length + 1));
  return [[path, emptied(tree, inner)] as const];
}

function emptied(tree: DirectoryInode, places: readonly ByteString[]): DirectoryInode {
  const entries = new Map(tree.entries);
  // mke2fs makes this folder in every filesystem, and no installer does.
  entries.delete("lost+found");
  for (const [name, inode] of entries) {
    if (inode.type !== "directory") continue;
    const below = places.filter((place) => place.startsWith(`${name}/`)).map((place) => place.slice(name.length + 1));
    if (places.includes(name)) entries.set(name, { ...inode, entries: new Map() });
    else if (below.length > 0) entries.set(name, emptied(inode, below));
  }
  return { ...tree, entries };
}

function inodeAt(results: DirectoryInode, path: ByteString): (readonly [ByteString, Inode])[] {
  const inode = lookUp(results, `mnt${path}`);
  return inode === undefined ? [] : [[path, inode]];
}

function ownerAt(results: DirectoryInode, path: ByteString, index: number): ResolvedOwner {
  const [uid = Number.NaN, gid = Number.NaN] = (linesOf(results, `files/owner.${index}`)[0] ?? "")
    .split(" ")
    .map(Number);
  return { path, uid, gid };
}

function linesOf(results: DirectoryInode, path: ByteString): ByteString[] {
  const inode = lookUp(results, path);
  if (inode?.type !== "file") return [];
  return contentOf(inode)
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
}
