import type { Bytes } from "../../base/units.ts";
import { contentExtents } from "../../manifest/content-extents.ts";
import type { DirectoryInode, Inode } from "../../manifest/inode.ts";
import { walk } from "../../manifest/tree.ts";

/** The counts and sizes of a tree that decide how much space its filesystem takes. */
export interface Census {
  readonly inodes: number;
  readonly names: number;
  /** The bytes of all names. */
  readonly nameBytes: Bytes;
  /** Contents of files and of long symlinks, each rounded up to whole blocks of 4096 bytes. */
  readonly dataBytes: Bytes;
  /** How much of `dataBytes` belongs to files of at most 2048 bytes, and how much those hold. */
  readonly tiny: { readonly dataBytes: Bytes; readonly contentBytes: Bytes };
  /** Blocks of folders whose names do not fit into their inode. */
  readonly folderBytes: Bytes;
  /** Names and values of extended attributes. */
  readonly attributeBytes: Bytes;
}

const block = 4096;
const tinySize = 2048;
/** The most bytes of a folder's entries, or of a symlink's target, that every kind keeps in the inode itself. */
const smallFolder = 256;

/** Counts a tree; a file with several names is counted once. Pure. */
export function takeCensus(root: DirectoryInode): Census {
  const seen = new Set<Inode>();
  const census = {
    inodes: 0,
    names: 0,
    nameBytes: 0,
    dataBytes: 0,
    tiny: { dataBytes: 0, contentBytes: 0 },
    folderBytes: 0,
    attributeBytes: 0,
  };
  for (const { path, inode } of walk(root)) {
    census.names += 1;
    census.nameBytes += path.length - path.lastIndexOf("/") - 1;
    if (seen.has(inode)) continue;
    seen.add(inode);
    census.inodes += 1;
    census.attributeBytes += attributeBytes(inode);
    if (inode.type === "directory") census.folderBytes += folderBytes(inode);
    const data = dataBytes(inode);
    census.dataBytes += data;
    if (inode.type !== "file" || inode.size > tinySize) continue;
    census.tiny.dataBytes += data;
    census.tiny.contentBytes += inode.size;
  }
  return census;
}

/** Holes take no space, and parts of blocks take whole ones. */
function dataBytes(inode: Inode): Bytes {
  if (inode.type === "symlink") return inode.target.length > smallFolder ? block : 0;
  if (inode.type !== "file") return 0;
  let [blocks, covered] = [0, 0];
  for (const { offset, length, source } of contentExtents(inode)) {
    if (source.kind === "zeros" || length === 0) continue;
    const first = Math.max(covered, Math.floor(offset / block));
    const end = Math.ceil((offset + length) / block);
    blocks += Math.max(0, end - first);
    covered = Math.max(covered, end);
  }
  return blocks * block;
}

/** An entry has its inode's number, a length, a type, and a word of eight bytes in an index of hashes. */
function folderBytes({ entries }: DirectoryInode): Bytes {
  let bytes = 0;
  for (const name of entries.keys()) bytes += Math.ceil((name.length + 12) / 8) * 8 + 8;
  if (bytes <= smallFolder) return 0;
  const blocks = Math.ceil(bytes / block);
  // Indexes are not full, and folders of several blocks have a block that leads to the others.
  return (blocks === 1 ? 1 : Math.ceil(blocks * 1.3) + 2) * block;
}

function attributeBytes({ xattrs }: Inode): Bytes {
  let bytes = 0;
  for (const [name, value] of xattrs ?? []) bytes += name.length + value.length + 16;
  return bytes;
}
