import type { Bytes } from "../../base/units.ts";
import type { Timestamp } from "../../manifest/inode.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { badImage } from "../faults.ts";
import { GroupReader } from "./groups.ts";
import type { ExtSuperblock } from "./superblock.ts";

/** An inode as it stands in its table. */
export interface ExtInode {
  readonly number: number;
  /** Type and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: Bytes;
  readonly mtime: Timestamp;
  readonly links: number;
  readonly flags: number;
  /** 60 bytes: an extent tree, block numbers, a link's target or a device's numbers. */
  readonly blockArea: Buffer;
  readonly xattrBlock: number;
  /** The bytes behind the fields: extended attributes, inline data among them. */
  readonly rest: Buffer;
}

/** Reads inodes by their numbers. */
export class InodeReader {
  readonly #bytes: DiskBytes;
  readonly #superblock: ExtSuperblock;
  readonly #groups: GroupReader;

  constructor(bytes: DiskBytes, superblock: ExtSuperblock) {
    this.#bytes = bytes;
    this.#superblock = superblock;
    this.#groups = new GroupReader(bytes, superblock);
  }

  /** @throws MkimageError BAD_IMAGE when there is no such inode. */
  read(number: number): ExtInode {
    const { inodes, inodesPerGroup, inodeSize, blockSize } = this.#superblock;
    if (number < 1 || number > inodes) throw badImage(`there is no inode ${number}`);
    const { inodeTable } = this.#groups.read(Math.floor((number - 1) / inodesPerGroup));
    const index = (number - 1) % inodesPerGroup;
    const raw = this.#bytes.peek(inodeTable * blockSize + index * inodeSize, inodeSize);
    // An inode is kept longer than what stood around it.
    return inodeOf(Buffer.from(raw), number);
  }
}

/** Source: kernel.org, filesystems/ext4, "Index Nodes". */
function inodeOf(raw: Buffer, number: number): ExtInode {
  return {
    number,
    mode: raw.readUInt16LE(0x00),
    uid: raw.readUInt16LE(0x02) + raw.readUInt16LE(0x78) * 2 ** 16,
    gid: raw.readUInt16LE(0x18) + raw.readUInt16LE(0x7a) * 2 ** 16,
    size: raw.readUInt32LE(0x04) + raw.readUInt32LE(0x6c) * 2 ** 32,
    mtime: timeOf(raw),
    links: raw.readUInt16LE(0x1a),
    flags: raw.readUInt32LE(0x20),
    blockArea: raw.subarray(0x28, 0x28 + 60),
    xattrBlock: raw.readUInt32LE(0x68) + raw.readUInt16LE(0x76) * 2 ** 32,
    rest: raw.length > 128 ? raw.subarray(128 + raw.readUInt16LE(0x80)) : Buffer.alloc(0),
  };
}

/** Behind the first 128 bytes stand two more bits of the seconds, and the nanoseconds. */
function timeOf(raw: Buffer): Timestamp {
  const seconds = raw.readInt32LE(0x10);
  const hasMore = raw.length >= 0x8c && raw.readUInt16LE(0x80) >= 12;
  if (!hasMore) return { seconds, nanoseconds: 0 };
  const extra = raw.readUInt32LE(0x88);
  return { seconds: seconds + (extra & 3) * 2 ** 32, nanoseconds: extra >>> 2 };
}
