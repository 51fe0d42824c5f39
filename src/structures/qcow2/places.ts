import type { Bytes } from "../../base/units.ts";
import { compressedBit, packedOffsetBits, packedSectorSize, qcow2EntryLength } from "./entries.ts";

/** Where a cluster's bytes are in the file: as they are, or compressed in up to so many bytes. `undefined`: it is zeros. */
export type ClusterPlace = { readonly offset: Bytes; readonly packedLength: Bytes | undefined } | undefined;

/** Tables of entries of 64 bits, in two words: numbers of 64 bits would be an object each. */
interface EntryTable {
  readonly bytes: Buffer;
  /** Of the entries. */
  readonly index: number;
}

const highWord = 2 ** 32;
/** In the high word. */
const compressed = 2 ** (compressedBit - 32);
/** Bits 9 to 55. */
const [standardHigh, standardLow] = [0x00ff_ffff, 0xffff_fe00];

/** The offset in an entry of an L1 table, or of an L2 table for a cluster that is not compressed; 0 for none. */
export function offsetIn({ bytes, index }: EntryTable): Bytes {
  const [high, low] = [bytes.readUInt32BE(qcow2EntryLength * index), bytes.readUInt32BE(qcow2EntryLength * index + 4)];
  return (high & standardHigh) * highWord + ((low & standardLow) >>> 0);
}

/** Reads an entry of an L2 table. Source: QEMU, docs/interop/qcow2.txt, "Cluster mapping". */
export function placeIn(table: EntryTable, clusterBits: number, knowsZeros: boolean): ClusterPlace {
  const high = table.bytes.readUInt32BE(qcow2EntryLength * table.index);
  if ((high & compressed) !== 0) return packedPlace(table, clusterBits);
  if (knowsZeros && (table.bytes.readUInt32BE(qcow2EntryLength * table.index + 4) & 1) !== 0) return undefined;
  const offset = offsetIn(table);
  return offset === 0 ? undefined : { offset, packedLength: undefined };
}

/**
 * Whether an entry of an L2 table is one that QEMU reads: a cluster that is not compressed begins at a multiple of its
 * size, and version 2 has no bit that says zeros.
 */
export function isSound({ bytes, index }: EntryTable, clusterBits: number, knowsZeros: boolean): boolean {
  if ((bytes.readUInt32BE(qcow2EntryLength * index) & compressed) !== 0) return true;
  const low = bytes.readUInt32BE(qcow2EntryLength * index + 4);
  return (knowsZeros || (low & 1) === 0) && (low & standardLow & (2 ** clusterBits - 1)) === 0;
}

/** The offset takes the low bits; the bits above it count sectors of 512 bytes behind that in which it begins. */
function packedPlace({ bytes, index }: EntryTable, clusterBits: number): ClusterPlace {
  const [high, low] = [
    bytes.readUInt32BE(qcow2EntryLength * index) & (compressed - 1),
    bytes.readUInt32BE(qcow2EntryLength * index + 4),
  ];
  const highBits = packedOffsetBits(clusterBits) - 32;
  const offset = (high % 2 ** highBits) * highWord + low;
  const sectors = Math.floor(high / 2 ** highBits) + 1;
  return { offset, packedLength: sectors * packedSectorSize - (offset % packedSectorSize) };
}
