import type { Bytes } from "../../base/units.ts";
import type { Timestamp } from "../../manifest/inode.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { extInode, extTime, leastInodeSize } from "../../structures/ext4/inode.ts";
import { wideNumber } from "../../structures/ext4/superblock.ts";
import { badImage } from "../../base/image-faults.ts";
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

function inodeOf(raw: Buffer, number: number): ExtInode {
  const { mode, uid, uidHigh, gid, gidHigh, size, sizeHigh, links, flags, blockArea, xattrBlock } = extInode;
  return {
    number,
    mode: mode.read(raw),
    uid: uid.read(raw) + uidHigh.read(raw) * 2 ** 16,
    gid: gid.read(raw) + gidHigh.read(raw) * 2 ** 16,
    size: wideNumber(size.read(raw), sizeHigh.read(raw)),
    mtime: timeOf(raw),
    links: links.read(raw),
    flags: flags.read(raw),
    blockArea: raw.subarray(blockArea.offset, blockArea.offset + blockArea.length),
    xattrBlock: wideNumber(xattrBlock.read(raw), extInode.xattrBlockHigh.read(raw)),
    rest: raw.length > leastInodeSize ? raw.subarray(leastInodeSize + extInode.extraSize.read(raw)) : Buffer.alloc(0),
  };
}

/** Reads the further bits only where those bytes are fields. */
function timeOf(raw: Buffer): Timestamp {
  const { modificationTime, modificationTimeExtra: extra, extraSize } = extInode;
  const end = extra.offset + extra.length;
  const hasMore = raw.length >= end && leastInodeSize + extraSize.read(raw) >= end;
  return extTime(modificationTime.read(raw), hasMore ? extra.read(raw) : 0);
}
