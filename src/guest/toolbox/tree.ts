import { realpathSync } from "node:fs";
import { MkimageError } from "../../errors.ts";
import { byteString } from "../../manifest/byte-string.ts";
import type { DirectoryInode, FileInode } from "../../manifest/inode.ts";
import { readTree, type ReadRules } from "../../manifest/read-folder.ts";
import { readStore } from "../../manifest/read-store.ts";
import { emptyDirectory, insert, lookUp, makeDirectory, type Ownership } from "../../manifest/tree.ts";
import type { Inventory } from "./inventory.ts";

const time = { seconds: 1, nanoseconds: 0 };
const ownership: Ownership = { mode: 0o755, uid: 0, gid: 0, mtime: time };
const rules: ReadRules = { owner: "root", modes: "as-is", times: time, links: "break", holes: "fill" };

/**
 * The files of a toolbox: `bin` has a link for each tool; `root` has everything at its own path, from where the guest
 * links it into its root folder.
 *
 * @throws MkimageError MISSING_TOOL when a file is gone meanwhile; RESOLVE_FAILED for a store path.
 */
export function toolboxTree(inventory: Inventory): DirectoryInode {
  const tree = emptyDirectory(ownership);
  makeDirectory(tree, "root", ownership);
  for (const path of inventory.files) place(tree, path, fileAt(path));
  for (const [path, inode] of readStore(inventory.closure)) place(tree, path, inode);
  makeDirectory(tree, "bin", ownership);
  for (const [tool, program] of inventory.programs) {
    insert(tree, `bin/${tool}`, {
      type: "symlink",
      ...ownership,
      mode: 0o777,
      target: byteString(`../root${program}`),
    });
  }
  return tree;
}

function place(tree: DirectoryInode, path: string, inode: Parameters<typeof insert>[2]): void {
  const inside = byteString(`root${path}`);
  if (lookUp(tree, inside) !== undefined) return;
  makeDirectory(tree, inside.slice(0, inside.lastIndexOf("/")), ownership);
  insert(tree, inside, inode);
}

/** A library's name is most often a link to its latest version: its bytes are put under the name that is asked for. */
function fileAt(path: string): FileInode {
  const inode = readTree(byteString(realpathSync(path)), rules);
  if (inode.type === "file") return inode;
  throw new MkimageError("MISSING_TOOL", `${path} is a ${inode.type}, and no program or library`);
}
