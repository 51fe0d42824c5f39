import { type Bytes, MiB } from "../../base/units.ts";
import { readImage } from "../chunk.ts";
import type { Extent } from "../extent.ts";
import { coderOf } from "./cluster-coder.ts";
import { clusterSize, type Compression } from "./format.ts";

/** How much of an image is stored at a time: some milliseconds. A whole number of clusters. */
export const pieceSize: Bytes = MiB;

const memory = new Uint8Array(pieceSize + 1);
const zeros = Buffer.alloc(clusterSize);

/** A piece of an image, and memory of its size for the stored forms of its clusters. */
export interface PieceToStore {
  readonly imageSize: Bytes;
  readonly extents: Iterable<Extent>;
  readonly compression: Compression;
  readonly slot: SharedArrayBuffer;
}

/**
 * Puts the form in which each cluster of a piece is stored where the cluster would be in the slot, and gives the forms'
 * lengths: nothing of a cluster of zeros, all of one that does not compress. The image's last cluster is filled up with
 * zeros.
 *
 * @throws MkimageError SOURCE_CHANGED.
 */
export function storeClusters({ imageSize, extents, compression, slot }: PieceToStore): Bytes[] {
  const image = { size: imageSize, extents };
  const chunks = readImage(image, { chunkSize: pieceSize, memory: () => memory });
  const coder = coderOf(compression);
  const lengths: Bytes[] = [];
  for (const { bytes } of chunks) {
    memory.fill(0, bytes.length, pieceSize);
    for (let start = 0; start < bytes.length; start += clusterSize) {
      const cluster = memory.subarray(start, start + clusterSize);
      const place = Buffer.from(slot, start, clusterSize);
      lengths.push(isZero(cluster) ? 0 : (coder.compress(cluster, place.subarray(0, -1)) ?? copy(cluster, place)));
    }
  }
  return lengths;
}

function isZero(cluster: Uint8Array): boolean {
  return cluster[0] === 0 && zeros.equals(cluster);
}

function copy(cluster: Uint8Array, place: Buffer): Bytes {
  return Buffer.from(cluster.buffer, cluster.byteOffset, cluster.length).copy(place);
}
