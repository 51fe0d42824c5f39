import type { Bytes } from "../../../base/units.ts";

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

/**
 * Reads a superblock of metadata 1.2; undefined where there is none, or none whose sum is right.
 *
 * Source: linux, include/uapi/linux/raid/md_p.h, struct mdp_superblock_1.
 */
export function readSuperblock(bytes: Buffer): ArrayMember | undefined {
  if (bytes.length < superblockSize || bytes.readUInt32LE(0) !== 0xa92b4efc || bytes.readUInt32LE(4) !== 1)
    return undefined;
  if (bytes.readUInt32LE(sumAt) !== sumOf(bytes)) return undefined;
  const start = Number(bytes.readBigUInt64LE(128)) * sector;
  const length = Number(bytes.readBigUInt64LE(80)) * sector;
  return {
    level: bytes.readInt32LE(72),
    hasOthers: (bytes.readUInt32LE(8) & ~hasFaultList) !== 0,
    dataStart: start,
    dataEnd: start + length,
  };
}

/** Returns the same superblock for an array that is brought into step when it is next started. */
export function outOfStep(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeBigUInt64LE(0n, resyncAt);
  changed.writeUInt32LE(sumOf(changed), sumAt);
  return changed;
}

const hasFaultList = 8;
/** Up to where the array is in step. */
const resyncAt = 208;
const sumAt = 216;
const rolesAt = 256;

/** The sum of all words but its own, with what goes beyond 32 bits added below. Source: linux, drivers/md/md.c, calc_sb_1_csum. */
function sumOf(bytes: Buffer): number {
  const most = Math.min(bytes.readUInt32LE(220), (superblockSize - rolesAt) / 2);
  const length = rolesAt + most * 2;
  let sum = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) if (at !== sumAt) sum += bytes.readUInt32LE(at);
  if (at < length) sum += bytes.readUInt16LE(at);
  return ((sum % 2 ** 32) + Math.floor(sum / 2 ** 32)) % 2 ** 32;
}
