import type { Timestamp } from "../../manifest/inode.ts";
import { crc32cOfWord, crc32cOfWords } from "../../base/crc32c.ts";
import { inodeSize } from "./geometry.ts";

export const extentsFlag = 0x80000;
export const indexFlag = 0x1000;
/** Where a part of an inode stands, in words of 32 bits. */
export const blockAreaWord = 0x28 / 4;
export const xattrWord = 0xa0 / 4;
export const inodeWords = inodeSize / 4;

/** Bytes that the fields take behind the first 128. */
const extraSize = 32;
/** The range of 34 bits from -2^31 on, without the last 2^32: e2fsck takes dates after 2310-04-04 for ones before 1970. */
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
 * Writes an inode's fields from word `at` on. Times outside 1901-12-13 to 2310-04-04 are moved to the nearest that is
 * inside.
 *
 * Source: kernel.org, filesystems/ext4, "Index Nodes".
 */
export function writeInodeFields(table: Uint32Array, at: number, fields: InodeFields): void {
  const sectors = fields.blocks * 8;
  const wordRange = 2 ** 32;
  table[at] = fields.mode | (fields.uid << 16);
  table[at + 0x04 / 4] = fields.size;
  table[at + 0x18 / 4] = (fields.gid & 0xffff) | (fields.links << 16);
  table[at + 0x1c / 4] = sectors;
  table[at + 0x20 / 4] = fields.flags;
  table[at + 0x68 / 4] = fields.xattrBlock;
  table[at + 0x6c / 4] = fields.size / wordRange;
  table[at + 0x74 / 4] = sectors / wordRange;
  table[at + 0x78 / 4] = (fields.uid >>> 16) | (fields.gid & 0xffff_0000);
  table[at + 0x80 / 4] = extraSize;
  const { seconds, nanoseconds } = fields.modified;
  writeTime(table, at, accessWords, seconds, nanoseconds);
  writeTime(table, at, modificationWords, seconds, nanoseconds);
  writeTime(table, at, changeWords, fields.made, 0);
  writeTime(table, at, creationWords, fields.made, 0);
}

/** Returns the seed of the checksums of an inode and of its blocks. */
export function inodeChecksumSeed(filesystemSeed: number, number: number): number {
  const generation = 0;
  return crc32cOfWord(crc32cOfWord(filesystemSeed, number), generation);
}

/** Writes the checksum of a complete inode. */
export function sealInode(table: Uint32Array, at: number, checksumSeed: number): void {
  const sum = crc32cOfWords(checksumSeed, table, at, at + inodeWords);
  table[at + 0x7c / 4]! |= sum & 0xffff;
  table[at + 0x80 / 4]! |= sum & 0xffff_0000;
}

/** Where the low word of a time stands in an inode, and where the rest. */
interface TimeWords {
  readonly low: number;
  readonly extra: number;
}

const accessWords: TimeWords = { low: 0x08 / 4, extra: 0x8c / 4 };
const modificationWords: TimeWords = { low: 0x10 / 4, extra: 0x88 / 4 };
const changeWords: TimeWords = { low: 0x0c / 4, extra: 0x84 / 4 };
const creationWords: TimeWords = { low: 0x90 / 4, extra: 0x94 / 4 };

function writeTime(table: Uint32Array, at: number, words: TimeWords, seconds: number, nanoseconds: number): void {
  const inRange = Math.min(Math.max(seconds, earliest), latest);
  const signed = inRange | 0;
  const epoch = (inRange - signed) / 2 ** 32;
  table[at + words.low] = signed;
  table[at + words.extra] = nanoseconds * 4 + epoch;
}
