import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { type ByteString, openable } from "../../src/base/byte-string.ts";
import type { DirectoryInode, FileInode, Inode } from "../../src/manifest/inode.ts";
import { contentExtents } from "../../src/manifest/content-extents.ts";

/** Lays a manifest out as real files: what a writer does to an image, done to a folder. */
export function writeTree(root: DirectoryInode, folder: string): void {
  place(root, folder, new Map());
}

function place(inode: Inode, path: ByteString, placed: Map<Inode, ByteString>): void {
  const other = placed.get(inode);
  if (other !== undefined) return linkSync(openable(other), openable(path));
  placed.set(inode, path);
  if (inode.type === "symlink") symlinkSync(openable(inode.target), openable(path));
  else if (inode.type === "file") writeFile(inode, path);
  else if (inode.type === "directory") writeDirectory(inode, path, placed);
  else throw new Error(`${inode.type} is not laid out here`);
  lchownSync(openable(path), inode.uid, inode.gid);
  if (inode.type !== "symlink") chmodSync(openable(path), inode.mode);
  lutimesSync(openable(path), inode.mtime.seconds, inode.mtime.seconds);
}

function writeDirectory(inode: DirectoryInode, path: ByteString, placed: Map<Inode, ByteString>): void {
  mkdirSync(openable(path), { recursive: true });
  for (const [name, entry] of inode.entries) place(entry, `${path}/${name}`, placed);
}

function writeFile(inode: FileInode, path: ByteString): void {
  const file = openSync(openable(path), "wx");
  ftruncateSync(file, inode.size);
  for (const { offset, bytes } of dataOf(inode)) writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

/** The bytes of each extent of a file. */
export function* dataOf(inode: FileInode): Generator<{ offset: number; bytes: Uint8Array }> {
  for (const { offset, length, source } of contentExtents(inode)) {
    if (source.kind === "bytes") yield { offset, bytes: source.bytes };
    if (source.kind === "file") yield { offset, bytes: readRange(source.path, source.position ?? 0, length) };
  }
}

/** All bytes of a file, holes as zeros. */
export function bytesOfFile(inode: FileInode): Buffer {
  const whole = Buffer.alloc(inode.size);
  for (const { offset, bytes } of dataOf(inode)) whole.set(bytes, offset);
  return whole;
}

function readRange(path: ByteString, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const file = openSync(openable(path), "r");
  const read = readSync(file, bytes, 0, length, position);
  closeSync(file);
  if (read !== length) throw new Error(`${path} ends after ${read} of ${length} bytes`);
  return bytes;
}
