import { type Bytes, MiB } from "../../base/units.ts";
import { readImage } from "../chunk.ts";
import type { Extent } from "../extent.ts";
import { checksumOf, recordOf } from "../cluster-cache/record.ts";
import { clusterKey, type KnownClusters, takeForm } from "../cluster-cache/known-clusters.ts";
import { type ClusterCoder, coderOf } from "./cluster-coder.ts";
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
  /** Clusters whose forms may be there. Where it is missing, none is looked for. */
  readonly known: KnownClusters | undefined;
}

/** The forms of a piece. */
export interface StoredPiece {
  /** Of the forms: nothing of a cluster of zeros, all of one that does not compress. */
  readonly lengths: readonly Bytes[];
  /** Records of the forms that were not known, with the index of the cluster as the place. */
  readonly fresh: Uint32Array<ArrayBuffer>;
}

/**
 * Puts the form in which each cluster of a piece is stored where the cluster would be in the slot. The image's last cluster
 * is filled up with zeros.
 *
 * @throws MkimageError SOURCE_CHANGED.
 */
export function storeClusters({ imageSize, extents, slot, ...how }: PieceToStore): StoredPiece {
  const image = { size: imageSize, extents };
  const chunks = readImage(image, { chunkSize: pieceSize, memory: () => memory });
  const store = new ClusterStore(how);
  const lengths: Bytes[] = [];
  for (const { bytes } of chunks) {
    memory.fill(0, bytes.length, pieceSize);
    for (let start = 0; start < bytes.length; start += clusterSize) {
      const cluster = memory.subarray(start, start + clusterSize);
      const place = Buffer.from(slot, start, clusterSize);
      lengths.push(isZero(cluster) ? 0 : store.store(cluster, place, lengths.length));
    }
  }
  return { lengths, fresh: store.fresh() };
}

class ClusterStore {
  readonly #coder: ClusterCoder;
  readonly #known: KnownClusters | undefined;
  readonly #fresh: number[] = [];

  constructor({ compression, known }: Pick<PieceToStore, "compression" | "known">) {
    this.#coder = coderOf(compression);
    this.#known = known;
  }

  store(cluster: Uint8Array, place: Buffer, index: number): Bytes {
    if (this.#known === undefined) return this.#compress(cluster, place);
    const key = clusterKey(cluster);
    const found = takeForm(this.#known, key, cluster, place);
    if (found !== undefined) return found;
    const length = this.#compress(cluster, place);
    this.#fresh.push(...recordOf(key, { place: index, length, checksum: checksumOf(place.subarray(0, length), key) }));
    return length;
  }

  fresh(): Uint32Array<ArrayBuffer> {
    return Uint32Array.from(this.#fresh);
  }

  #compress(cluster: Uint8Array, place: Buffer): Bytes {
    return this.#coder.compress(cluster, place.subarray(0, -1)) ?? copy(cluster, place);
  }
}

function isZero(cluster: Uint8Array): boolean {
  return cluster[0] === 0 && zeros.equals(cluster);
}

function copy(cluster: Uint8Array, place: Buffer): Bytes {
  return Buffer.from(cluster.buffer, cluster.byteOffset, cluster.length).copy(place);
}
