import { statSync } from "node:fs";
import { MkimageError } from "../errors.ts";
import { BlockReader } from "./block-reader.ts";
import { type ByteString, openable, textOf } from "./byte-string.ts";
import type { DirectoryInode, Inode, Timestamp } from "./inode.ts";
import type { ReadRules } from "./read-rules.ts";
import { type TarEntry, tarEntries } from "./tar-entries.ts";
import { parsePaxTime, paxValue, paxXattrs } from "./tar-pax.ts";
import { changeAttributes, emptyDirectory, lookUp, makeDirectory, namesOf } from "./tree.ts";

/**
 * Reads an uncompressed tar archive (v7, ustar, GNU, pax). Contents are not copied: they are ranges of the archive.
 * Folders that it leaves out are 0755 and root's, of time 0. Where a name comes twice, the later entry holds.
 *
 * @throws MkimageError BAD_REQUEST when it is no tar archive, is cut off, or has an entry that cannot be taken.
 */
export function readTar(path: ByteString, rules: TarRules): DirectoryInode {
  using reader = new BlockReader(path);
  const epoch = rules.times === "as-is" ? { seconds: 0, nanoseconds: 0 } : rules.times;
  const root = emptyDirectory({ mode: 0o755, uid: 0, gid: 0, mtime: epoch });
  for (const entry of tarEntries(reader, statSync(openable(path)).size)) place(root, entry, rules, epoch);
  return root;
}

/** What of an archive's entries is taken, and what is set instead. */
export type TarRules = Pick<ReadRules, "owner" | "times">;

function place(root: DirectoryInode, entry: TarEntry, rules: TarRules, epoch: Timestamp): void {
  const names = namesOf(entry.name);
  if (names.includes("..")) throw refused(entry, "its name leads out of the archive");
  const inode = entry.header.type === "1" ? linkedInode(root, entry) : inodeOf(entry, rules);
  const present = lookUp(root, names.join("/"));
  if (present?.type === "directory" && inode.type === "directory")
    return changeAttributes(present, attributesOf(entry, rules));
  const name = names.pop();
  if (name === undefined) throw refused(entry, "the root of an archive is a folder");
  makeDirectory(root, names.join("/"), { mode: 0o755, uid: 0, gid: 0, mtime: epoch }).entries.set(name, inode);
}

function linkedInode(root: DirectoryInode, entry: TarEntry): Inode {
  const inode = lookUp(root, entry.linkName);
  if (inode === undefined || inode.type === "directory")
    throw refused(entry, `it is a hard link to ${textOf(entry.linkName)}, which does not come before it`);
  return inode;
}

function inodeOf(entry: TarEntry, rules: TarRules): Inode {
  const { header, file } = entry;
  const attributes = attributesOf(entry, rules);
  switch (header.type) {
    case "0":
    case "7":
    case "S":
      return entry.name.endsWith("/") ? emptyDirectory(attributes) : { type: "file", ...attributes, ...file };
    case "2":
      return { type: "symlink", ...attributes, target: entry.linkName };
    case "3":
      return { type: "character-device", ...attributes, major: header.major, minor: header.minor };
    case "4":
      return { type: "block-device", ...attributes, major: header.major, minor: header.minor };
    case "5":
    case "D":
      return emptyDirectory(attributes);
    case "6":
      return { type: "fifo", ...attributes };
    default:
      throw refused(entry, `entries of type ${JSON.stringify(header.type)} are not known here`);
  }
}

function attributesOf(entry: TarEntry, rules: TarRules) {
  const { header, records } = entry;
  const xattrs = paxXattrs(records);
  return {
    mode: header.type === "2" ? 0o777 : header.mode,
    uid: rules.owner === "root" ? 0 : Number(paxValue(records, "uid") ?? header.uid),
    gid: rules.owner === "root" ? 0 : Number(paxValue(records, "gid") ?? header.gid),
    mtime: rules.times === "as-is" ? timeOf(entry) : rules.times,
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

function timeOf({ header, records }: TarEntry): Timestamp {
  const value = paxValue(records, "mtime");
  return value === undefined ? { seconds: header.mtime, nanoseconds: 0 } : parsePaxTime(value);
}

function refused(entry: TarEntry, reason: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `the tar archive's entry ${textOf(entry.name)} cannot be taken: ${reason}`);
}
