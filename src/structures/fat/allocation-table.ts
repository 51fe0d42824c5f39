import type { Bytes } from "../../base/units.ts";

/** How many bits an entry of the file allocation table has. */
export type FatBits = 12 | 16 | 32;

/** The clusters that FAT16 and FAT32 have at least: nothing else tells the kinds apart. */
export const fewestClusters = { 16: 4085, 32: 65_525 } as const;
/** The number of the first cluster: the entries before it say something else. */
export const firstCluster = 2;

/** The kind of a filesystem with so many clusters. Source: Microsoft FAT specification, "FAT type determination". */
export function fatBitsOf(clusters: number): FatBits {
  if (clusters < fewestClusters[16]) return 12;
  return clusters < fewestClusters[32] ? 16 : 32;
}

/** The number that ends a file's chain of clusters, as it is written: all bits are set, of which FAT32 has 28. */
export function endOfChain(bits: FatBits): number {
  return 2 ** Math.min(bits, 28) - 1;
}

/** The least of the eight numbers that end a chain. */
export function leastEndOfChain(bits: FatBits): number {
  return endOfChain(bits) - 7;
}

/** Where a cluster's entry stands in the table: for FAT12 the byte in which it begins. */
export function fatEntryAt(bits: FatBits, cluster: number): Bytes {
  return Math.floor((cluster * bits) / 8);
}

/** The bytes that an entry is in. */
export function fatEntryWidth(bits: FatBits): Bytes {
  return bits === 32 ? 4 : 2;
}

/** Reads a cluster's entry, which stands at `at`. */
export function readFatEntry(bits: FatBits, bytes: Buffer, cluster: number, at: Bytes): number {
  if (bits === 32) return bytes.readUInt32LE(at) & 0x0fff_ffff;
  const pair = bytes.readUInt16LE(at);
  if (bits === 16) return pair;
  return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
}

/** Writes a cluster's entry at `at`, where zeros are. Two entries of 12 bits share a byte. */
export function writeFatEntry(bits: FatBits, bytes: Buffer, cluster: number, at: Bytes, value: number): void {
  if (bits === 32) bytes.writeUInt32LE(value, at);
  else if (bits === 16) bytes.writeUInt16LE(value, at);
  else bytes.writeUInt16LE(bytes.readUInt16LE(at) | (cluster % 2 === 0 ? value : value << 4), at);
}
