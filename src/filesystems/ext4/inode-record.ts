import type { Timestamp } from "../../manifest/inode.ts";
import { inodeChecksum } from "../../structures/ext4/checksums.ts";
import { earliestTime, extInode, latestTime, leastInodeSize } from "../../structures/ext4/inode.ts";
import { extraInodeSize, inodeSize } from "./geometry.ts";

// Inodes are written as words of 32 bits: several times as fast as number by number into bytes.

/** Where a part of an inode stands, in words. */
export const blockAreaWord = extInode.blockArea.offset / 4;
export const xattrWord = (leastInodeSize + extraInodeSize) / 4;
export const inodeWords = inodeSize / 4;

/** Words whose upper half is another field's. */
const modeAndUid = extInode.mode.offset / 4;
const gidAndLinks = extInode.gid.offset / 4;
const upperUidAndGid = extInode.uidHigh.offset / 4;
const size = extInode.size.offset / 4;
const upperSize = extInode.sizeHigh.offset / 4;
const sectorsWord = extInode.sectors.offset / 4;
const upperSectors = extInode.sectorsHigh.offset / 4;
const flags = extInode.flags.offset / 4;
const xattrBlock = extInode.xattrBlock.offset / 4;
/** The checksum's lower half is the lower one here; its upper half is the upper one beside the extra size. */
const checksum = extInode.checksum.offset / 4;
const extraSize = extInode.extraSize.offset / 4;

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

/** Writes an inode's fields from word `at` on. Times outside 1901-12-13 to 2310-04-04 are moved to the nearest that is inside. */
export function writeInodeFields(table: Uint32Array, at: number, fields: InodeFields): void {
  const sectors = fields.blocks * 8;
  const wordRange = 2 ** 32;
  table[at + modeAndUid] = fields.mode | (fields.uid << 16);
  table[at + size] = fields.size;
  table[at + gidAndLinks] = (fields.gid & 0xffff) | (fields.links << 16);
  table[at + sectorsWord] = sectors;
  table[at + flags] = fields.flags;
  table[at + xattrBlock] = fields.xattrBlock;
  table[at + upperSize] = fields.size / wordRange;
  table[at + upperSectors] = sectors / wordRange;
  table[at + upperUidAndGid] = (fields.uid >>> 16) | (fields.gid & 0xffff_0000);
  table[at + extraSize] = extraInodeSize;
  const { seconds, nanoseconds } = fields.modified;
  writeTime(table, at, accessWords, seconds, nanoseconds);
  writeTime(table, at, modificationWords, seconds, nanoseconds);
  writeTime(table, at, changeWords, fields.made, 0);
  writeTime(table, at, creationWords, fields.made, 0);
}

/** Writes the checksum of a complete inode. */
export function sealInode(table: Uint32Array, at: number, checksumSeed: number): void {
  const sum = inodeChecksum(checksumSeed, table, at, at + inodeWords);
  table[at + checksum]! |= sum & 0xffff;
  table[at + extraSize]! |= sum & 0xffff_0000;
}

/** Where the low word of a time stands in an inode, and where the rest. */
interface TimeWords {
  readonly low: number;
  readonly extra: number;
}

const accessWords = wordsOf(extInode.accessTime, extInode.accessTimeExtra);
const modificationWords = wordsOf(extInode.modificationTime, extInode.modificationTimeExtra);
const changeWords = wordsOf(extInode.changeTime, extInode.changeTimeExtra);
const creationWords = wordsOf(extInode.madeTime, extInode.madeTimeExtra);

function wordsOf(low: { readonly offset: number }, extra: { readonly offset: number }): TimeWords {
  return { low: low.offset / 4, extra: extra.offset / 4 };
}

function writeTime(table: Uint32Array, at: number, words: TimeWords, seconds: number, nanoseconds: number): void {
  const inRange = Math.min(Math.max(seconds, earliestTime), latestTime);
  const signed = inRange | 0;
  const epoch = (inRange - signed) / 2 ** 32;
  table[at + words.low] = signed;
  table[at + words.extra] = nanoseconds * 4 + epoch;
}
