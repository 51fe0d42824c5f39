import { type Bytes, KiB } from "../../base/units.ts";

/** How the clusters of a qcow2 are stored. zstd is read by QEMU 5.1 and later. */
export type Compression = "none" | "zlib" | "zstd";

export const clusterSize: Bytes = 64 * KiB;
/** One L2 table maps 512 MiB, one refcount block counts 2 GiB of the file. */
export const entriesPerTable = clusterSize / 8;
export const countsPerBlock = clusterSize / 2;

/** The cluster has exactly one owner, and may be written in place. */
const copied = 1n << 63n;
const compressed = 1n << 62n;
/** The bits of a compressed cluster's offset: 62 - (cluster bits - 8). */
const compressedOffsetBits = 54n;

/** Where the tables of a finished file lie. */
interface TablePlaces {
  readonly l1Offset: Bytes;
  readonly l1Entries: number;
  readonly refcountOffset: Bytes;
  readonly refcountClusters: number;
}

/**
 * The first cluster's content.
 *
 * Source: QEMU, docs/interop/qcow2.txt, version 3.
 */
export function headerBytes(size: Bytes, compression: Compression, places: TablePlaces): Uint8Array {
  const bytes = Buffer.alloc(clusterSize);
  bytes.write("QFI\xfb", 0, "latin1");
  bytes.writeUInt32BE(3, 4);
  bytes.writeUInt32BE(Math.log2(clusterSize), 20);
  bytes.writeBigUInt64BE(BigInt(size), 24);
  bytes.writeUInt32BE(places.l1Entries, 36);
  bytes.writeBigUInt64BE(BigInt(places.l1Offset), 40);
  bytes.writeBigUInt64BE(BigInt(places.refcountOffset), 48);
  bytes.writeUInt32BE(places.refcountClusters, 56);
  bytes.writeBigUInt64BE(compression === "zstd" ? 1n << 3n : 0n, 72); // "the compression type is not zlib"
  bytes.writeUInt32BE(4, 96); // refcounts of 2^4 bits
  bytes.writeUInt32BE(112, 100); // the header's length; a zero extension follows and ends it
  bytes[104] = compression === "zstd" ? 1 : 0;
  return bytes;
}

/** An entry of the L1 table, the L2 tables, for something that fills a cluster of its own. */
export function standardEntry(offset: Bytes): bigint {
  return BigInt(offset) | copied;
}

/** An entry of an L2 table for a compressed cluster. Its length is counted in sectors that begin after the first one. */
export function compressedEntry(offset: Bytes, length: Bytes): bigint {
  const sectors = Math.floor((offset + length - 1) / 512) - Math.floor(offset / 512);
  return BigInt(offset) | (BigInt(sectors) << compressedOffsetBits) | compressed;
}
