import type { Inode, Timestamp } from "./inode.ts";
import type { ReadRules } from "./read-rules.ts";
import type { TarEntry } from "./tar-entries.ts";
import { entryFault } from "./tar-fault.ts";
import { parsePaxTime, paxNumber, paxValue, paxXattrs } from "./tar-pax.ts";
import { emptyDirectory } from "./tree.ts";

/** The rules for which attributes of an archive's entries are kept, and which are set instead. */
export type TarRules = Pick<ReadRules, "owner" | "times">;

/** The last number is no owner's: it stands for none. */
const largestOwner = 2 ** 32 - 2;
/** Source: MAJOR and MINOR in linux/kdev_t.h, of 12 and 20 bits. */
const largestMajor = 2 ** 12 - 1;
const largestMinor = 2 ** 20 - 1;
/** Source: symlink(2), PATH_MAX. */
const longestTarget = 4095;

/**
 * Returns the inode of an entry other than a hard link.
 *
 * @throws MkimageError BAD_REQUEST for what no filesystem has.
 */
export function tarInode(entry: TarEntry, rules: TarRules): Inode {
  const { header, file, name } = entry;
  const attributes = attributesOf(entry, rules);
  switch (header.type) {
    case "0":
    case "7":
    case "S":
      return name.endsWith("/") ? emptyDirectory(attributes) : { type: "file", ...attributes, ...file };
    case "2":
      return { type: "symlink", ...attributes, target: targetOf(entry) };
    case "3":
      return { type: "character-device", ...attributes, ...deviceOf(entry) };
    case "4":
      return { type: "block-device", ...attributes, ...deviceOf(entry) };
    case "5":
    case "D":
      return emptyDirectory(attributes);
    case "6":
      return { type: "fifo", ...attributes };
    default:
      throw entryFault(name, `entries of type ${JSON.stringify(header.type)} are not known here`);
  }
}

function targetOf({ name, linkName }: TarEntry): string {
  if (linkName.length === 0 || linkName.length > longestTarget || linkName.includes("\0"))
    throw entryFault(name, `the target of a symbolic link has 1 to ${longestTarget} bytes, none of them zero`);
  return linkName;
}

function deviceOf({ name, header: { major, minor } }: TarEntry) {
  requireRange(name, "devmajor", major, largestMajor);
  requireRange(name, "devminor", minor, largestMinor);
  return { major, minor };
}

function attributesOf(entry: TarEntry, rules: TarRules) {
  const { header, records } = entry;
  const xattrs = paxXattrs(records);
  return {
    mode: header.type === "2" ? 0o777 : header.mode,
    uid: rules.owner === "root" ? 0 : ownerOf(entry, "uid"),
    gid: rules.owner === "root" ? 0 : ownerOf(entry, "gid"),
    mtime: rules.times === "as-is" ? timeOf(entry) : rules.times,
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

function ownerOf({ header, records, name }: TarEntry, field: "uid" | "gid"): number {
  const owner = paxNumber(records, field, name) ?? header[field];
  requireRange(name, field, owner, largestOwner);
  return owner;
}

function timeOf({ header, records, name }: TarEntry): Timestamp {
  const value = paxValue(records, "mtime");
  return value === undefined ? { seconds: header.mtime, nanoseconds: 0 } : parsePaxTime(value, name);
}

function requireRange(name: string, field: string, value: number, largest: number): void {
  if (value < 0 || value > largest) throw entryFault(name, `its ${field}, ${value}, is not within 0 to ${largest}`);
}
