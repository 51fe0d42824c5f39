import type { Timestamp } from "../../manifest/inode.ts";
import { crc32c, crc32cOfWord } from "./checksum.ts";
import { inodeSize } from "./geometry.ts";

export const extentsFlag = 0x80000;
export const indexFlag = 0x1000;
export const blockAreaOffset = 0x28;
export const xattrOffset = 0xa0;

/** Bytes that the fields take behind the first 128. */
const extraSize = 32;
/** What 34 bits hold from -2^31 on, less the last part: e2fsck takes dates after 2310-04-04 for ones before 1970. */
const earliest = -(2 ** 31);
const latest = 0x2_8000_0000 - 1;

/** The fields of an inode. What is in its block area and its attributes is written beside them. */
export interface InodeFields {
  /** Type and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly links: number;
  /** Blocks of 4096 bytes: content, tree and attributes. */
  readonly blocks: number;
  readonly flags: number;
  readonly xattrBlock: number;
  /** Of the content's modification, and of the last access: a manifest has one time a file. */
  readonly modified: Timestamp;
  /** When the inode came to be, in whole seconds: of its creation, and of its last change. */
  readonly made: number;
}

/**
 * Writes an inode's fields at `at`. Times outside 1901-12-13 to 2310-04-04 are moved to the nearest that is inside.
 *
 * Source: kernel.org, filesystems/ext4, "Index Nodes".
 */
export function writeInodeFields(table: Buffer, at: number, fields: InodeFields): void {
  table.writeUInt16LE(fields.mode, at);
  table.writeUInt16LE(fields.uid & 0xffff, at + 0x02);
  table.writeUInt32LE(fields.size % 2 ** 32, at + 0x04);
  table.writeUInt16LE(fields.gid & 0xffff, at + 0x18);
  table.writeUInt16LE(fields.links, at + 0x1a);
  const sectors = fields.blocks * 8;
  table.writeUInt32LE(sectors % 2 ** 32, at + 0x1c);
  table.writeUInt32LE(fields.flags, at + 0x20);
  table.writeUInt32LE(fields.xattrBlock, at + 0x68);
  table.writeUInt32LE(Math.floor(fields.size / 2 ** 32), at + 0x6c);
  table.writeUInt16LE(Math.floor(sectors / 2 ** 32), at + 0x74);
  table.writeUInt16LE(fields.uid >>> 16, at + 0x78);
  table.writeUInt16LE(fields.gid >>> 16, at + 0x7a);
  table.writeUInt16LE(extraSize, at + 0x80);
  writeTime(table, at, fields.modified, modifiedOffsets);
  writeTime(table, at, { seconds: fields.made, nanoseconds: 0 }, madeOffsets);
}

/** What the checksums of an inode and of its blocks begin with. */
export function inodeChecksumSeed(filesystemSeed: number, number: number): number {
  const generation = 0;
  return crc32cOfWord(crc32cOfWord(filesystemSeed, number), generation);
}

/** Writes the checksum of a complete inode. */
export function sealInode(table: Buffer, at: number, checksumSeed: number): void {
  const sum = crc32c(checksumSeed, table, at, at + inodeSize);
  table.writeUInt16LE(sum & 0xffff, at + 0x7c);
  table.writeUInt16LE(sum >>> 16, at + 0x82);
}

/** Where the low word of a time stands in an inode, and where the rest. */
type TimeOffsets = readonly (readonly [low: number, extra: number])[];

/** Access, modification. */
const modifiedOffsets: TimeOffsets = [
  [0x08, 0x8c],
  [0x10, 0x88],
];

/** Change, creation. */
const madeOffsets: TimeOffsets = [
  [0x0c, 0x84],
  [0x90, 0x94],
];

function writeTime(table: Buffer, at: number, { seconds, nanoseconds }: Timestamp, offsets: TimeOffsets): void {
  const inRange = Math.min(Math.max(seconds, earliest), latest);
  const low = inRange | 0;
  const epoch = (inRange - low) / 2 ** 32;
  for (const [lowOffset, extraOffset] of offsets) {
    table.writeInt32LE(low, at + lowOffset);
    table.writeUInt32LE(nanoseconds * 4 + epoch, at + extraOffset);
  }
}
