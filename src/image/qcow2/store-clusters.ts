import { type Bytes, MiB } from "../../base/units.ts";
import { readImage } from "../chunk.ts";
import { clipExtents, type Extent } from "../extent.ts";
import { checksumOf, keyIn, recordOf } from "../cluster-cache/record.ts";
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
  readonly offset: Bytes;
  readonly extents: Iterable<Extent>;
  readonly compression: Compression;
  readonly slot: SharedArrayBuffer;
  /** Clusters whose forms may be there. Where it is missing, none is looked for. */
  readonly known: KnownClusters | undefined;
  /** Of `sourceKeys`: keys of clusters that need not be read for one. */
  readonly keys: Uint32Array | undefined;
}

/** The forms of a piece. */
export interface StoredPiece {
  /** Of the forms, in the order of the clusters: nothing of a cluster of zeros, all of one that does not compress. */
  readonly lengths: readonly Bytes[];
  /** Records of the forms that were not known, with the index of the cluster as the place. */
  readonly fresh: Uint32Array<ArrayBuffer>;
}

/**
 * Puts the form in which each cluster of a piece is stored where the cluster would be in the slot. The image's last cluster
 * is filled up with zeros. Clusters whose forms are known by their sources are not read.
 *
 * @throws MkimageError SOURCE_CHANGED.
 */
export function storeClusters(piece: PieceToStore): StoredPiece {
  const { offset, imageSize: size } = piece;
  const store = new PieceStore(piece);
  const clusters = Math.ceil(Math.min(pieceSize, size - offset) / clusterSize);
  const unread = Array.from({ length: clusters }, (_, index) => index).filter((index) => !store.take(index));
  const extents = unread.length === clusters ? piece.extents : extentsIn([...piece.extents], unread, offset);
  for (const { bytes } of readImage({ size, extents }, { chunkSize: pieceSize, memory: () => memory })) {
    memory.fill(0, bytes.length, pieceSize);
    for (const index of unread) store.store(index);
  }
  return store.stored();
}

/** The parts of extents that are in these clusters of a piece. */
function* extentsIn(extents: readonly Extent[], clusters: readonly number[], offset: Bytes): Generator<Extent> {
  for (const index of clusters) {
    const start = offset + index * clusterSize;
    yield* clipExtents(extents, start, start + clusterSize);
  }
}

class PieceStore {
  readonly #piece: PieceToStore;
  readonly #coder: ClusterCoder;
  readonly #lengths: Bytes[] = [];
  readonly #fresh: number[] = [];

  constructor(piece: PieceToStore) {
    this.#piece = piece;
    this.#coder = coderOf(piece.compression);
  }

  /** Takes the form of a cluster that has not been read, if it is there. */
  take(index: number): boolean {
    this.#lengths[index] = 0;
    const { known } = this.#piece;
    const key = this.#sourceKey(index);
    const length = known === undefined || key === undefined ? undefined : takeForm(known, key, this.#place(index));
    this.#lengths[index] = length ?? 0;
    return length !== undefined;
  }

  /** Stores a cluster that has been read. */
  store(index: number): void {
    const cluster = memory.subarray(index * clusterSize, (index + 1) * clusterSize);
    if (!isZero(cluster)) this.#lengths[index] = this.#formOf(cluster, index);
  }

  stored(): StoredPiece {
    return { lengths: this.#lengths, fresh: Uint32Array.from(this.#fresh) };
  }

  #formOf(cluster: Uint8Array, index: number): Bytes {
    const { known } = this.#piece;
    const place = this.#place(index);
    if (known === undefined) return this.#compress(cluster, place);
    const key = this.#sourceKey(index) ?? clusterKey(cluster);
    const found = takeForm(known, key, place, cluster);
    if (found !== undefined) return found;
    const length = this.#compress(cluster, place);
    this.#fresh.push(...recordOf(key, { place: index, length, checksum: checksumOf(place.subarray(0, length), key) }));
    return length;
  }

  #sourceKey(index: number): Uint32Array | undefined {
    const { keys } = this.#piece;
    return keys === undefined ? undefined : keyIn(keys, index);
  }

  #place(index: number): Buffer {
    return Buffer.from(this.#piece.slot, index * clusterSize, clusterSize);
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
