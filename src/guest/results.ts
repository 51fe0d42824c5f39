import { closeSync, openSync, readSync } from "node:fs";
import { fileExtent } from "../image/extent.ts";
import { byteString, openable, type ByteString } from "../manifest/byte-string.ts";
import type { DirectoryInode, FileInode, Inode } from "../manifest/inode.ts";

const blockSize = 512;

interface Member {
  readonly name: ByteString;
  readonly type: string;
  readonly linkTarget: ByteString;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly seconds: number;
  readonly device: { readonly major: number; readonly minor: number };
  readonly position: number;
}

/**
 * Reads what a guest wrote to its results disk: archives one after another, up to the entry `complete`. File contents
 * stay where they are, as extents of `path`. `undefined` when that last entry is not there.
 *
 * Source: GNU tar manual, "Basic Tar Format"; names over 100 bytes come in members of type L and K.
 */
export function readResults(path: string): DirectoryInode | undefined {
  const root: DirectoryInode = folder(0o755);
  const file = openSync(path, "r");
  try {
    for (const member of members(file)) {
      if (member.name === "complete") return root;
      place(root, member, path);
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** The inode at a path such as `files/owners`. */
export function lookUp(root: DirectoryInode, path: ByteString): Inode | undefined {
  let inode: Inode | undefined = root;
  for (const name of namesOf(path)) inode = inode?.type === "directory" ? inode.entries.get(name) : undefined;
  return inode;
}

/** The bytes of a file of the results, for as long as they are on their disk. */
export function contentOf(inode: FileInode): Buffer {
  const pieces = inode.content.map(({ source, length }) => {
    if (source.kind !== "file") return Buffer.alloc(0);
    const file = openSync(openable(source.path), "r");
    try {
      return readAt(file, source.position, length);
    } finally {
      closeSync(file);
    }
  });
  return Buffer.concat(pieces);
}

function* members(file: number): Generator<Member> {
  let name: ByteString | undefined;
  let linkTarget: ByteString | undefined;
  // An archive ends with two empty blocks, and the next one follows; the rest of the disk is empty.
  for (let position = 0, empty = 0; empty <= 64;) {
    const header = readAt(file, position, blockSize);
    position += blockSize;
    if (header.length < blockSize || !isMember(header)) {
      empty += 1;
      continue;
    }
    empty = 0;
    const member = parseHeader(header, position);
    position += Math.ceil(member.size / blockSize) * blockSize;
    if (member.type === "L") name = longName(file, member);
    else if (member.type === "K") linkTarget = longName(file, member);
    else {
      yield { ...member, name: name ?? member.name, linkTarget: linkTarget ?? member.linkTarget };
      [name, linkTarget] = [undefined, undefined];
    }
  }
}

function isMember(header: Buffer): boolean {
  return header.toString("latin1", 257, 262) === "ustar";
}

function parseHeader(header: Buffer, position: number): Member {
  const type = String.fromCharCode(header[156] ?? 0);
  return {
    name: text(header, 0, 100),
    type,
    linkTarget: text(header, 157, 100),
    size: type === "0" || type === "\0" || type === "L" || type === "K" ? number(header, 124, 12) : 0,
    mode: number(header, 100, 8) & 0o7777,
    uid: number(header, 108, 8),
    gid: number(header, 116, 8),
    seconds: number(header, 136, 12),
    device: { major: number(header, 329, 8), minor: number(header, 337, 8) },
    position,
  };
}

function place(root: DirectoryInode, member: Member, path: string): void {
  const names = namesOf(member.name);
  const last = names.pop();
  if (last === undefined) return;
  const parent = names.reduce(subfolder, root);
  const existing = parent.entries.get(last);
  const inode = member.type === "1" ? lookUp(root, member.linkTarget) : inodeOf(member, path);
  if (inode === undefined) return;
  const isSameFolder = existing?.type === "directory" && inode.type === "directory";
  parent.entries.set(last, isSameFolder ? { ...inode, entries: existing.entries } : inode);
}

function subfolder(parent: DirectoryInode, name: ByteString): DirectoryInode {
  const existing = parent.entries.get(name);
  if (existing?.type === "directory") return existing;
  const made = folder(0o755);
  parent.entries.set(name, made);
  return made;
}

function inodeOf(member: Member, path: string): Inode | undefined {
  const { mode, uid, gid, seconds, size } = member;
  const attributes = { mode, uid, gid, mtime: { seconds, nanoseconds: 0 } };
  switch (member.type) {
    case "0":
    case "\0": {
      const content = size === 0 ? [] : [fileExtent(0, size, byteString(path), member.position)];
      return { type: "file", ...attributes, size, content };
    }
    case "2":
      return { type: "symlink", ...attributes, target: member.linkTarget };
    case "3":
      return { type: "character-device", ...attributes, ...member.device };
    case "4":
      return { type: "block-device", ...attributes, ...member.device };
    case "5":
      return { type: "directory", ...attributes, entries: new Map() };
    case "6":
      return { type: "fifo", ...attributes };
    default:
      return undefined;
  }
}

function folder(mode: number): DirectoryInode {
  return { type: "directory", mode, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 }, entries: new Map() };
}

function longName(file: number, member: Member): ByteString {
  return text(readAt(file, member.position, member.size), 0, member.size);
}

function namesOf(path: ByteString): ByteString[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

function text(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString("latin1", 0, end === -1 ? field.length : end);
}

/** Octal digits, or a big-endian number where the first bit is set. */
function number(bytes: Buffer, start: number, length: number): number {
  const field = bytes.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) === 0) return Number.parseInt(text(field, 0, length).trim() || "0", 8);
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
}
