import { type Bytes, KiB } from "../../base/units.ts";
import { qcow2EntryLength, qcow2RefcountLength } from "../../structures/qcow2/entries.ts";
import {
  qcow2CompressionTypes,
  qcow2Header,
  qcow2HeaderLength,
  qcow2Incompatible,
  qcow2Magic,
  qcow2Version,
} from "../../structures/qcow2/header.ts";
import { writeRecord } from "../../structures/record.ts";

/** How the clusters of a qcow2 are stored. zstd is read by QEMU 5.1 and later. */
export type Compression = "none" | "zlib" | "zstd";

export const clusterSize: Bytes = 64 * KiB;
export const clusterBits = Math.log2(clusterSize);
/** One L2 table maps 512 MiB, one refcount block counts 2 GiB of the file. */
export const entriesPerTable = clusterSize / qcow2EntryLength;
export const countsPerBlock = clusterSize / qcow2RefcountLength;

/** Where the tables of a finished file lie. */
interface TablePlaces {
  readonly l1Offset: Bytes;
  readonly l1Entries: number;
  readonly refcountOffset: Bytes;
  readonly refcountClusters: number;
}

/** The first cluster's content: the header, and the extension of zeros that ends it. */
export function headerBytes(size: Bytes, compression: Compression, places: TablePlaces): Uint8Array {
  const bytes = Buffer.alloc(clusterSize);
  const isZstd = compression === "zstd";
  writeRecord(qcow2Header, bytes, {
    magic: qcow2Magic,
    version: qcow2Version,
    clusterBits,
    size: BigInt(size),
    l1Entries: places.l1Entries,
    l1At: BigInt(places.l1Offset),
    refcountTableAt: BigInt(places.refcountOffset),
    refcountTableClusters: places.refcountClusters,
    // zlib is the type of files that have no such field.
    incompatibleFeatures: isZstd ? qcow2Incompatible.compressionType : 0n,
    refcountOrder: Math.log2(8 * qcow2RefcountLength),
    headerLength: qcow2HeaderLength,
    compressionType: isZstd ? qcow2CompressionTypes.zstd : qcow2CompressionTypes.zlib,
  });
  return bytes;
}
