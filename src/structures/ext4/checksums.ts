import { crc32c, crc32cOfWord, crc32cOfWords, crc32cOfZeros, crc32cStart } from "../../base/crc32c.ts";
import type { Bytes } from "../../base/units.ts";
import { extSuperblock } from "./superblock.ts";

// The crc32c of each structure of a filesystem with metadata checksums. Source: kernel.org, filesystems/ext4, "Checksums".

/** The seed of all checksums of a filesystem but the superblock's own. */
export function filesystemSeed(uuid: Uint8Array): number {
  return crc32c(crc32cStart, uuid);
}

/** Over everything before the field. */
export function superblockChecksum(superblock: Uint8Array): number {
  return crc32c(crc32cStart, superblock, 0, extSuperblock.checksum.offset);
}

/** Over the group's number and its descriptor, whose field for it is zero; 16 bits. */
export function descriptorChecksum(seed: number, group: number, descriptor: Uint8Array): number {
  return crc32c(crc32cOfWord(seed, group), descriptor) & 0xffff;
}

/** Over the bits of a bitmap that stand for something; `count` is a multiple of 8. */
export function bitmapChecksum(seed: number, bitmap: Uint8Array, count: number): number {
  return crc32c(seed, bitmap, 0, count / 8);
}

/** The seed of the checksums of an inode and of its blocks. */
export function inodeSeed(seed: number, number: number): number {
  const generation = 0;
  return crc32cOfWord(crc32cOfWord(seed, number), generation);
}

/** Over a whole inode, whose fields for it are zeros: from word `start` up to `end`. `seed` is the inode's. */
export function inodeChecksum(seed: number, words: Uint32Array, start: number, end: number): number {
  return crc32cOfWords(seed, words, start, end);
}

/** Over the node of an extent tree up to the field, which is at `at`. `seed` is the inode's. */
export function extentNodeChecksum(seed: number, block: Uint8Array, at: Bytes): number {
  return crc32c(seed, block, 0, at);
}

/** Over a block of entries up to its tail at `at`; from byte `end` on it has zeros. `seed` is the folder's. */
export function folderChecksum(seed: number, block: Uint8Array, end: Bytes, at: Bytes): number {
  return crc32cOfZeros(crc32c(seed, block, 0, end), at - end);
}

/** Over a root or node of a hash tree up to the end of its children, and eight bytes of zeros. `seed` is the folder's. */
export function hashTreeNodeChecksum(seed: number, block: Uint8Array, end: Bytes): number {
  return crc32cOfWord(crc32cOfWord(crc32c(seed, block, 0, end), 0), 0);
}

/** Over a block's number, as 64 bits, and the block, whose field for it is zero. */
export function xattrBlockChecksum(seed: number, number: number, block: Uint8Array): number {
  const place = crc32cOfWord(crc32cOfWord(seed, number | 0), Math.floor(number / 2 ** 32));
  return crc32c(place, block);
}
