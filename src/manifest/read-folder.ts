import { type BigIntStats, constants, lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import type { Extent } from "../image/extent.ts";
import { MkimageError } from "../errors.ts";
import { type ByteString, openable, textOf } from "./byte-string.ts";
import type { FileInode, Inode, Timestamp } from "./inode.ts";
import { dataExtents } from "./sparse.ts";

/** What of the files on this machine goes into a manifest, and what is set instead. */
export interface ReadRules {
  /** `root`: everything is owned by 0:0. `as-is`: the numbers that the files have. */
  readonly owner: "root" | "as-is";
  /** `store`: what Nix leaves in its store, 0444 and 0555. `as-is`: the files' own. */
  readonly modes: "store" | "as-is";
  /** One time for everything, or the files' own to the nanosecond. */
  readonly times: Timestamp | "as-is";
  /** `break`: each name is a file of its own. `keep`: names of one inode stay names of one inode. */
  readonly links: "break" | "keep";
  /** `fill`: files are read whole. `keep`: 4 KiB blocks of zeros in a sparse file become holes. */
  readonly holes: "fill" | "keep";
}

/** Store paths look alike wherever they come from: a shared, an optimised or an ordinary user's store. */
export const storeRules: ReadRules = {
  owner: "root",
  modes: "store",
  times: { seconds: 1, nanoseconds: 0 },
  links: "break",
  holes: "fill",
};

/**
 * Reads a file or a folder with all that is in it. File contents are not read: they become extents of the files; nor are
 * extended attributes.
 *
 * @param path an absolute path.
 * @throws MkimageError BAD_REQUEST when something cannot be read, naming it.
 */
export function readTree(path: ByteString, rules: ReadRules): Inode {
  return read({ rules, linked: new Map() }, path);
}

interface Reading {
  readonly rules: ReadRules;
  /** Inodes with several names that have been met, by device and inode number. */
  readonly linked: Map<string, Inode>;
}

type AnyStats = Stats | BigIntStats;

function read(reading: Reading, path: ByteString): Inode {
  try {
    const stats = lstatSync(openable(path), { bigint: needsBigNumbers(reading.rules) });
    return reading.rules.links === "break" || Number(stats.nlink) === 1
      ? readInode(reading, path, stats)
      : readLinked(reading, path, stats);
  } catch (cause) {
    if (cause instanceof MkimageError) throw cause;
    throw new MkimageError("BAD_REQUEST", `${textOf(path)} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Nanoseconds and inode numbers do not fit into ordinary numbers; where neither is wanted, those are twice as fast. */
function needsBigNumbers(rules: ReadRules): boolean {
  return rules.times === "as-is" || rules.links === "keep";
}

function readLinked(reading: Reading, path: ByteString, stats: AnyStats): Inode {
  const identity = `${stats.dev}:${stats.ino}`;
  const inode = reading.linked.get(identity) ?? readInode(reading, path, stats);
  if (inode.type !== "directory") reading.linked.set(identity, inode);
  return inode;
}

/** Fields are named one by one: an object that is made of others takes half as much again, of memory and of time. */
function readInode(reading: Reading, path: ByteString, stats: AnyStats): Inode {
  const { rules } = reading;
  const type = typeOf(stats);
  const mode = rules.modes === "store" ? storeMode(type, stats) : Number(stats.mode) & 0o7777;
  const uid = rules.owner === "root" ? 0 : Number(stats.uid);
  const gid = rules.owner === "root" ? 0 : Number(stats.gid);
  const mtime = rules.times === "as-is" ? timestampOf((stats as BigIntStats).mtimeNs) : rules.times;
  switch (type) {
    case "file":
      return { type, mode, uid, gid, mtime, size: Number(stats.size), content: contentOf(rules, path, stats) };
    case "directory":
      return { type, mode, uid, gid, mtime, entries: readEntries(reading, path) };
    case "symlink":
      return { type, mode, uid, gid, mtime, target: readlinkSync(openable(path), "latin1") };
    case "block-device":
    case "character-device":
      return { type, mode, uid, gid, mtime, ...deviceNumbers(BigInt(stats.rdev)) };
    default:
      return { type, mode, uid, gid, mtime };
  }
}

const typesByFormat: Readonly<Record<number, Inode["type"]>> = {
  [constants.S_IFREG]: "file",
  [constants.S_IFDIR]: "directory",
  [constants.S_IFLNK]: "symlink",
  [constants.S_IFBLK]: "block-device",
  [constants.S_IFCHR]: "character-device",
  [constants.S_IFIFO]: "fifo",
  [constants.S_IFSOCK]: "socket",
};

function typeOf(stats: AnyStats): Inode["type"] {
  return typesByFormat[Number(stats.mode) & constants.S_IFMT] as Inode["type"];
}

/** Nix keeps of a mode only whether the owner may execute the file. */
function storeMode(type: Inode["type"], stats: AnyStats): number {
  if (type === "symlink") return 0o777;
  return type === "directory" || (Number(stats.mode) & 0o100) !== 0 ? 0o555 : 0o444;
}

const noContent: readonly Extent[] = [];

function contentOf(rules: ReadRules, path: ByteString, stats: AnyStats): FileInode["content"] {
  const size = Number(stats.size);
  if (size === 0) return noContent;
  if (rules.holes === "keep" && Number(stats.blocks) * 512 < size) return dataExtents(path, size);
  return [{ offset: 0, length: size, source: { kind: "file", path, position: 0 } }];
}

function readEntries(reading: Reading, path: ByteString): Map<ByteString, Inode> {
  const folder = path === "/" ? "" : path;
  const entries = new Map<ByteString, Inode>();
  for (const name of readdirSync(openable(path), "latin1")) entries.set(name, read(reading, `${folder}/${name}`));
  return entries;
}

function timestampOf(time: bigint): Timestamp {
  const nanoseconds = Number(((time % second) + second) % second);
  return { seconds: Number((time - BigInt(nanoseconds)) / second), nanoseconds };
}

const second = 1_000_000_000n;

/** Source: glibc's makedev (12 + 20 bits of the major number, 8 + 24 of the minor). */
function deviceNumbers(device: bigint): { major: number; minor: number } {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}
