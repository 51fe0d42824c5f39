import { dirname } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { byteString } from "../../base/byte-string.ts";
import type { DirectoryInode, FileInode, Inode } from "../../manifest/inode.ts";
import { readTree } from "../../manifest/read-folder.ts";
import { copyRules } from "../../manifest/read-rules.ts";
import { readStore } from "../../manifest/read-store.ts";
import { emptyDirectory, insert, lookUp, makeDirectory, type Ownership } from "../../manifest/tree.ts";
import { storePathOf } from "../../nix/store-path.ts";
import type { Inventory } from "./inventory.ts";
import { trace } from "./trace.ts";

const time = { seconds: 1, nanoseconds: 0 };
const ownership: Ownership = { mode: 0o755, uid: 0, gid: 0, mtime: time };

/**
 * The files of a toolbox: `bin` has a link for each tool; `root` has everything at its own path, with the links that lead
 * there, from where the guest links it into its root folder.
 *
 * @throws MkimageError MISSING_TOOL when a file is gone meanwhile; RESOLVE_FAILED for a store path.
 */
export async function toolboxTree(inventory: Inventory): Promise<DirectoryInode> {
  const tree = emptyDirectory(ownership);
  makeDirectory(tree, "root", ownership);
  for (const path of inventory.files) {
    const { links, end } = trace(path);
    for (const [link, target] of links) place(tree, link, linkTo(target));
    // Files in the store come with its closure.
    if (storePathOf(end) === undefined) place(tree, end, fileAt(end));
  }
  for (const [link, target] of inventory.links) place(tree, link, linkTo(target));
  for (const [path, inode] of await readStore(inventory.closure)) place(tree, path, inode);
  makeDirectory(tree, "bin", ownership);
  for (const [name, program] of inventory.programs) insert(tree, `bin/${name}`, linkTo(`../root${program}`));
  return tree;
}

function place(tree: DirectoryInode, path: string, inode: Inode): void {
  const inside = byteString(`root${path}`);
  if (lookUp(tree, inside) !== undefined) return;
  makeDirectory(tree, dirname(inside), ownership);
  insert(tree, inside, inode);
}

function linkTo(target: string): Inode {
  return { type: "symlink", ...ownership, mode: 0o777, target: byteString(target) };
}

function fileAt(path: string): FileInode {
  const inode = readTree(byteString(path), copyRules(time));
  if (inode.type === "file") return inode;
  throw new MkimageError("MISSING_TOOL", `${path} is a ${inode.type}, and no program or library`);
}
