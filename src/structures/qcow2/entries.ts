import type { Bytes } from "../../base/units.ts";

/** The bytes of an entry of the L1 table, an L2 table or the refcount table, and of a refcount of 16 bits. */
export const qcow2EntryLength: Bytes = 8;
export const qcow2RefcountLength: Bytes = 2;
/** The sectors in which compressed clusters are counted. */
export const packedSectorSize: Bytes = 512;

/** The cluster has exactly one owner, and may be written in place. */
const copied = 1n << 63n;
/** The bit of a compressed cluster. */
export const compressedBit = 62;

/** The bits of the offset of a compressed cluster; those above it count its sectors. */
export function packedOffsetBits(clusterBits: number): number {
  return compressedBit - (clusterBits - 8);
}

/**
 * An entry of the L1 table or an L2 table, for something that fills a cluster of its own.
 *
 * Source: QEMU, docs/interop/qcow2.txt, "Cluster mapping".
 */
export function standardEntry(offset: Bytes): bigint {
  return BigInt(offset) | copied;
}

/**
 * An entry of an L2 table for a compressed cluster. Its length is counted in sectors that begin after the first one.
 *
 * Source: as above, "Compressed Clusters Descriptor".
 */
export function compressedEntry(offset: Bytes, length: Bytes, clusterBits: number): bigint {
  const sectors = Math.floor((offset + length - 1) / packedSectorSize) - Math.floor(offset / packedSectorSize);
  const count = BigInt(sectors) << BigInt(packedOffsetBits(clusterBits));
  return BigInt(offset) | count | (1n << BigInt(compressedBit));
}
