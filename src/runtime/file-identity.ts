import { constants, statfsSync } from "node:fs";
import { libc } from "./libc.ts";
import { at, inodeWords } from "./inode-columns.ts";

/**
 * Which file it is, and in which state, in two small integers: there is one of these for each of some hundred thousand
 * files, and what is no small integer to V8 is an object to it.
 */
interface FileIdentity {
  /** Of its inode number. */
  readonly inode: number;
  /** Of its device, its size and when it was last written to. */
  readonly stamp: number;
}

/** Returns the `inode` part of the identity of the inode at `start` in the columns of a walk. */
export function inodeOf(inodes: Uint32Array, start: number): number {
  return mix(mix(1, inodes[start + at.number] as number), inodes[start + at.number + 1] as number);
}

/** As `inodeOf`. */
export function stampOf(inodes: Uint32Array, start: number): number {
  let stamp = mix(mix(1, inodes[start + at.on] as number), inodes[start + at.on + 1] as number);
  for (let word = at.size; word < at.size + 2; word += 1) stamp = mix(stamp, inodes[start + word] as number);
  for (let word = at.seconds; word <= at.nanoseconds; word += 1) stamp = mix(stamp, inodes[start + word] as number);
  return stamp;
}

/** The status of an open file: its mode, as in `st_mode`, and its identity. */
interface OpenedStatus extends FileIdentity {
  readonly mode: number;
}

/** Asks the kernel. Throws Error, in the kernel's words. */
export function statusOf(descriptor: number): OpenedStatus {
  if (libc().statx(descriptor, noName, emptyPath, basicStats, statx) !== 0)
    throw new Error(libc().lastError().join(": "));
  const mode = copyStatus(statx, status, 0);
  return { mode, inode: inodeOf(status, 0), stamp: stampOf(status, 0) };
}

/** Writes the columns of one inode, and gives its mode. Source: struct statx in linux/stat.h. */
export function copyStatus(from: Uint32Array, inodes: Uint32Array, start: number): number {
  // From stx_nlink to stx_blocks, and from stx_mtime to stx_dev_minor.
  for (let word = 0; word < 10; word += 1) inodes[start + word] = from[4 + word] as number;
  for (let word = 0; word < 8; word += 1) inodes[start + 10 + word] = from[28 + word] as number;
  return (inodes[start + at.mode] = (from[7] as number) & 0xffff);
}

/** Names the type of a file that is no regular file; `undefined` for a regular one. */
export function otherKind(mode: number): string | undefined {
  const format = mode & constants.S_IFMT;
  return format === constants.S_IFREG ? undefined : (kinds[format] ?? "something else");
}

/** FAT, exFAT, FUSE and their like number a file anew when they have forgotten it. Source: statfs(2) and linux/magic.h. */
const forgetful = new Set([0x4d44, 0x2011bab0, 0x65735546]);

/** Whether a file keeps its number on the filesystem that a path is on. */
export function hasLastingInodes(path: string | Buffer): boolean {
  return !forgetful.has(statfsSync(path).type);
}

const kinds: Readonly<Record<number, string>> = {
  [constants.S_IFDIR]: "a folder",
  [constants.S_IFLNK]: "a symbolic link",
  [constants.S_IFBLK]: "a block device",
  [constants.S_IFCHR]: "a character device",
  [constants.S_IFIFO]: "a fifo",
  [constants.S_IFSOCK]: "a socket",
};

const statx = new Uint32Array(64);
const status = new Uint32Array(inodeWords);
const noName = new Uint8Array(1);
/** AT_EMPTY_PATH. */
const emptyPath = 0x1000;
/** STATX_BASIC_STATS. */
export const basicStats = 0x7ff;

/** Of MurmurHash3's finalizer: each bit of what is mixed in changes half of the result's. */
function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word ^ ((hash ^ word) >>> 16), 0x85ebca6b);
  return Math.imul(product ^ (product >>> 13), 0xc2b2ae35) ^ (product >>> 16);
}
