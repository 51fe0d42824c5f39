import { type Bytes, roundUp } from "../../base/units.ts";
import { qcow2EntryLength, qcow2RefcountLength, standardEntry } from "../../structures/qcow2/entries.ts";
import type { Qcow2Allocation } from "./allocation.ts";
import { clusterSize, type Compression, countsPerBlock, entriesPerTable, headerBytes } from "./format.ts";

/** Bytes and where they go in the file. */
export interface Piece {
  readonly offset: Bytes;
  readonly bytes: Uint8Array;
}

/**
 * Everything of a qcow2 but its data, to be written behind it. The header comes last: until it is there, the file is no
 * image.
 */
export function tablePieces(allocation: Qcow2Allocation, size: Bytes, compression: Compression): Piece[] {
  const l1Entries = Math.ceil(size / (clusterSize * entriesPerTable));
  const l1 = Buffer.alloc(Math.max(clusterSize, roundUp(l1Entries * qcow2EntryLength, clusterSize)));
  const l2Pieces = [...allocation.l2Tables].map(([index, table]) => {
    const offset = allocation.reserve(1);
    l1.writeBigUInt64BE(standardEntry(offset), index * qcow2EntryLength);
    return { offset, bytes: table };
  });
  const l1Offset = allocation.reserve(l1.length / clusterSize);
  const refcounts = refcountTables(allocation);
  const header = headerBytes(size, compression, { l1Offset, l1Entries, ...refcounts });
  return [...l2Pieces, { offset: l1Offset, bytes: l1 }, ...refcounts.pieces, { offset: 0, bytes: header }];
}

/** The refcount table and its blocks, which count themselves as well. */
function refcountTables(allocation: Qcow2Allocation) {
  const { tableClusters, blockCount } = refcountSizes(allocation.refcounts.length);
  const refcountOffset = allocation.reserve(tableClusters);
  const table = Buffer.alloc(tableClusters * clusterSize);
  const blocksOffset = allocation.reserve(blockCount);
  const blocks = Buffer.alloc(blockCount * clusterSize);
  for (let index = 0; index < blockCount; index += 1) {
    table.writeBigUInt64BE(BigInt(blocksOffset + index * clusterSize), index * qcow2EntryLength);
  }
  for (const [cluster, count] of allocation.refcounts.entries())
    blocks.writeUInt16BE(count, cluster * qcow2RefcountLength);
  const pieces = [
    { offset: refcountOffset, bytes: table },
    { offset: blocksOffset, bytes: blocks },
  ];
  return { refcountOffset, refcountClusters: tableClusters, pieces };
}

function refcountSizes(clusters: number): { tableClusters: number; blockCount: number } {
  let sizes = { tableClusters: 1, blockCount: 1 };
  for (;;) {
    const blockCount = Math.ceil((clusters + sizes.tableClusters + sizes.blockCount) / countsPerBlock);
    const tableClusters = Math.ceil(blockCount / entriesPerTable);
    if (blockCount === sizes.blockCount && tableClusters === sizes.tableClusters) return sizes;
    sizes = { tableClusters, blockCount };
  }
}
