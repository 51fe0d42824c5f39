import { BlockReader } from "./block-reader.ts";
import { type ByteString, textOf } from "../base/byte-string.ts";
import type { DirectoryInode, Inode, Timestamp } from "./inode.ts";
import { pathFault } from "./path-limits.ts";
import { type TarEntry, tarEntries } from "./tar-entries.ts";
import { entryFault } from "./tar-fault.ts";
import { tarBlock } from "./tar-header.ts";
import { tarInode, type TarRules } from "./tar-inode.ts";
import { changeAttributes, emptyDirectory, lookUp, namesOf } from "./tree.ts";

/**
 * Reads an uncompressed tar archive (v7, ustar, GNU, pax). Contents are not copied: they are ranges of the archive.
 * Folders that it leaves out are 0755 and root's, of time 0. Where a name comes twice, the later entry holds.
 *
 * @throws MkimageError BAD_REQUEST when it is no tar archive, is cut off, or has an entry that cannot be taken, naming it.
 */
export function readTar(path: ByteString, rules: TarRules): DirectoryInode {
  using reader = new BlockReader(path);
  const { size } = reader;
  const tree = new TarTree(rules, mostImplied + size / tarBlock);
  for (const entry of tarEntries(reader, size)) tree.place(entry);
  return tree.root;
}

/** How many folders an archive may leave out, beside one for each of its blocks: a name of 4 KiB can have 2000 of them. */
const mostImplied = 100_000;

class TarTree {
  readonly root: DirectoryInode;
  readonly #rules: TarRules;
  readonly #epoch: Timestamp;
  #impliedLeft: number;

  constructor(rules: TarRules, mostFolders: number) {
    this.#rules = rules;
    this.#epoch = rules.times === "as-is" ? { seconds: 0, nanoseconds: 0 } : rules.times;
    this.#impliedLeft = mostFolders;
    this.root = this.#impliedFolder();
  }

  place(entry: TarEntry): void {
    const names = namesOf(entry.name);
    if (names.includes("..")) throw entryFault(entry.name, "its name leads out of the archive");
    const fault = pathFault(names);
    if (fault !== undefined) throw entryFault(entry.name, fault);
    const inode = entry.header.type === "1" ? this.#linked(entry) : tarInode(entry, this.#rules);
    const present = lookUp(this.root, names.join("/"));
    if (present?.type === "directory" && inode.type === "directory") {
      const { type: _, entries: __, ...attributes } = inode;
      return changeAttributes(present, attributes);
    }
    const name = names.pop();
    if (name === undefined) throw entryFault(entry.name, "the root of an archive is a folder");
    if (present?.type === "directory" && present.entries.size > 0)
      throw entryFault(entry.name, `it is a ${inode.type}, and a folder that is not empty came before it`);
    this.#folderAt(names, entry).entries.set(name, inode);
  }

  #linked({ name, linkName }: TarEntry): Inode {
    const inode = lookUp(this.root, linkName);
    if (inode === undefined || inode.type === "directory")
      throw entryFault(name, `it is a hard link to ${textOf(linkName)}, which does not come before it as a file`);
    return inode;
  }

  #folderAt(names: readonly ByteString[], entry: TarEntry): DirectoryInode {
    let folder = this.root;
    for (const name of names) {
      const next = folder.entries.get(name) ?? this.#impliedFolder();
      if (next.type !== "directory")
        throw entryFault(entry.name, `${textOf(name)} on its way came before it as a ${next.type}, not a folder`);
      folder.entries.set(name, next);
      folder = next;
      if (this.#impliedLeft < 0) throw entryFault(entry.name, "the archive leaves out too many folders");
    }
    return folder;
  }

  #impliedFolder(): DirectoryInode {
    this.#impliedLeft -= 1;
    return emptyDirectory({ mode: 0o755, uid: 0, gid: 0, mtime: this.#epoch });
  }
}
