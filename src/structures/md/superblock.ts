import type { Bytes } from "../../base/units.ts";
import { le32, le64, les32 } from "../fields.ts";
import { readRecord, writeRecord } from "../record.ts";

/**
 * A superblock of md, as far as it is of use here. Its places are in sectors of 512 bytes, whatever the disk has.
 *
 * Source: linux, include/uapi/linux/raid/md_p.h, struct mdp_superblock_1.
 */
const mdSuperblock = {
  /** `mdMagic`. */
  magic: le32(0),
  /** The version of the metadata: 1 for 1.0, 1.1 and 1.2. */
  majorVersion: le32(4),
  /** Bits for all else that there is of the array, such as a bitmap. */
  features: le32(8),
  level: les32(72),
  /** How much of the member is data. */
  dataSize: le64(80),
  /** Where the data begins. */
  dataOffset: le64(128),
  /** Up to where the array is in step. */
  resyncOffset: le64(208),
  /** `sumOf`. */
  checksum: le32(216),
  /** How many roles stand behind the superblock. */
  mostMembers: le32(220),
} as const;

const mdMagic = 0xa92b4efc;

/** Where a superblock of metadata 1.2 stands within a member. */
export const superblockOffset: Bytes = 4096;
/** As much as the longest one takes. */
export const superblockSize: Bytes = 4096;

/** md counts in them, whatever a disk has. */
const sector: Bytes = 512;

/** A member of an array as its superblock says; places are in bytes from the member's start. */
export interface ArrayMember {
  readonly level: number;
  /** Whether something else tells too what is in step: a bitmap, a journal, a reshape, a recovery. */
  readonly hasOthers: boolean;
  readonly dataStart: Bytes;
  readonly dataEnd: Bytes;
}

/** Reads a superblock of metadata 1.2; undefined where there is none, or none whose sum is right. */
export function readSuperblock(bytes: Buffer): ArrayMember | undefined {
  if (bytes.length < superblockSize) return undefined;
  const { magic, majorVersion, features, level, dataSize, dataOffset, checksum } = readRecord(mdSuperblock, bytes);
  if (magic !== mdMagic || majorVersion !== 1 || checksum !== sumOf(bytes)) return undefined;
  const dataStart = Number(dataOffset) * sector;
  return {
    level,
    hasOthers: (features & ~hasFaultList) !== 0,
    dataStart,
    dataEnd: dataStart + Number(dataSize) * sector,
  };
}

/** Returns the same superblock for an array that is brought into step when it is next started. */
export function outOfStep(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  writeRecord(mdSuperblock, changed, { resyncOffset: 0n });
  writeRecord(mdSuperblock, changed, { checksum: sumOf(changed) });
  return changed;
}

const hasFaultList = 8;
/** Where the roles begin, two bytes for each member. */
const rolesAt: Bytes = 256;

/** The sum of all words but its own, with what goes beyond 32 bits added below. Source: linux, drivers/md/md.c, calc_sb_1_csum. */
function sumOf(bytes: Buffer): number {
  const most = Math.min(mdSuperblock.mostMembers.read(bytes), (superblockSize - rolesAt) / 2);
  const length = rolesAt + most * 2;
  let sum = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) if (at !== mdSuperblock.checksum.offset) sum += bytes.readUInt32LE(at);
  if (at < length) sum += bytes.readUInt16LE(at);
  return ((sum % 2 ** 32) + Math.floor(sum / 2 ** 32)) % 2 ** 32;
}
