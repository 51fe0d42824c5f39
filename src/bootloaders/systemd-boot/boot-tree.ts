import { MkimageError } from "../../base/errors.ts";
import type { Extent } from "../../image/extent.ts";
import { type ByteString, byteString, textOf } from "../../base/byte-string.ts";
import type { DirectoryInode, FileInode, Inode, Timestamp } from "../../manifest/inode.ts";
import { namesOf } from "../../manifest/tree.ts";
import type { StoreFile } from "../store-reader.ts";

/**
 * The files and folders under a boot mount point. FAT takes `efi/nixos` and `EFI/nixos` for one folder and keeps the
 * spelling that came first; so does this tree. A file in the place of a folder, or the reverse, is an INSTALLER_FAILED.
 */
export class BootTree {
  readonly root: DirectoryInode;
  readonly #mtime: Timestamp;

  constructor(mtime: Timestamp) {
    this.#mtime = mtime;
    this.root = this.#folder();
  }

  makeFolder(path: string): DirectoryInode {
    let folder = this.root;
    for (const name of namesOf(byteString(path))) {
      const spelled = spelledIn(folder, name);
      const next: Inode = folder.entries.get(spelled) ?? this.#folder();
      folder.entries.set(spelled, next);
      if (next.type !== "directory") throw inTheWay(path, spelled, "file");
      folder = next;
    }
    return folder;
  }

  putText(path: string, text: string): void {
    const bytes = Buffer.from(text);
    this.#put(path, bytes.length, { kind: "bytes", bytes });
  }

  putFile(path: string, { path: source, size }: StoreFile): void {
    this.#put(path, size, { kind: "file", path: byteString(source), fileSize: size });
  }

  #put(path: string, size: number, source: Extent["source"]): void {
    const names = path.split("/");
    const name = byteString(names.pop() ?? "");
    const folder = this.makeFolder(names.join("/"));
    const content: Extent[] = size === 0 ? [] : [{ offset: 0, length: size, source }];
    const file: FileInode = { type: "file", mode: 0o644, uid: 0, gid: 0, mtime: this.#mtime, size, content };
    const spelled = spelledIn(folder, name);
    if (folder.entries.get(spelled)?.type === "directory") throw inTheWay(path, spelled, "folder");
    folder.entries.set(spelled, file);
  }

  #folder(): DirectoryInode {
    return { type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: this.#mtime, entries: new Map() };
  }
}

/** The configuration's own installer would fail as well. */
function inTheWay(path: string, name: ByteString, what: string): MkimageError {
  return new MkimageError(
    "INSTALLER_FAILED",
    `${path} cannot be placed on the boot partition: ${textOf(name)} is a ${what}`,
    {
      hint: "change boot.loader.systemd-boot.extraFiles or extraEntries",
    },
  );
}

function spelledIn(folder: DirectoryInode, name: ByteString): ByteString {
  if (folder.entries.has(name)) return name;
  const folded = name.toLowerCase();
  return [...folder.entries.keys()].find((existing) => existing.toLowerCase() === folded) ?? name;
}
