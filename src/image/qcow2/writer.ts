import { closeSync, openSync, writevSync, writeSync } from "node:fs";
import { type Bytes, MiB } from "../../layout/units.ts";
import { type Chunk, readImage } from "../chunk.ts";
import type { Extent } from "../extent.ts";
import { longestWrite } from "../file-output.ts";
import { MemorySlots } from "../memory-slots.ts";
import { Qcow2Allocation } from "./allocation.ts";
import { ClusterStorage } from "./cluster-storage.ts";
import { clusterSize, type Compression } from "./format.ts";
import { type Piece, tablePieces } from "./tables.ts";

/** What a qcow2 file is begun with. */
export interface Qcow2Start {
  readonly path: string;
  /** Of the image. */
  readonly size: Bytes;
  readonly compression: Compression;
  /** How many clusters are compressed at a time; the bytes do not depend on it. */
  readonly coders: number;
}

/** How much is read at a time. While one piece is filled, others are compressed. */
const chunkSize = MiB;
const slotCount = 4;

/**
 * A qcow2 file of clusters of 64 KiB that is being written. Clusters of zeros take no room, and those that do not compress
 * are stored as they are. Clusters are compressed in any order, and placed in the image's. It reads and writes
 * synchronously, for a thread of its own.
 */
export class Qcow2Writer {
  readonly #start: Qcow2Start;
  readonly #file: number;
  readonly #allocation = new Qcow2Allocation();
  readonly #storage: ClusterStorage;
  readonly #slots = new MemorySlots(Array.from({ length: slotCount }, () => new Uint8Array(chunkSize + clusterSize)));
  #placed = Promise.resolve();

  constructor(start: Qcow2Start) {
    this.#start = start;
    this.#file = openSync(start.path, "w");
    this.#storage = new ClusterStorage(start.compression, start.coders);
  }

  /**
   * Writes the extents of the next piece, which begins at a multiple of the chunk size. Comes back when there is memory
   * for more. Throws MkimageError SOURCE_CHANGED; the operating system's error where it cannot be written.
   */
  async write(extents: Iterable<Extent>): Promise<void> {
    const image = { size: this.#start.size, extents };
    for (const chunk of readImage(image, { chunkSize, memory: () => this.#slots.take() })) {
      this.#placed = this.#place(chunk, storedForms(chunk, this.#storage), this.#placed);
      this.#slots.use(chunk.memory, this.#placed);
      await this.#slots.available();
    }
  }

  /** Writes what is still on its way, the tables, and last the header: until then the file is no image. */
  async finish(): Promise<void> {
    await this.#slots.settled();
    const { size, compression } = this.#start;
    for (const piece of tablePieces(this.#allocation, size, compression)) this.#writeRun([piece]);
  }

  /** Whether it is finished or not. */
  async close(): Promise<void> {
    // Nothing may still be written when the file is closed.
    await this.#slots.settled().catch(() => undefined);
    this.#storage[Symbol.dispose]();
    closeSync(this.#file);
  }

  async #place(chunk: Chunk, stored: Promise<StoredForms>, before: Promise<void>): Promise<void> {
    const [forms] = await Promise.all([stored, before]);
    const first = chunk.offset / clusterSize;
    const pieces = forms.flatMap((bytes, index): Piece[] =>
      bytes === undefined ? [] : [{ offset: this.#allocation.place(first + index, bytes.length), bytes }],
    );
    for (const run of runsOf(pieces)) this.#writeRun(run);
  }

  /** Pieces that lie one behind the other. */
  #writeRun(run: readonly Piece[]): void {
    const offset = run[0]?.offset ?? 0;
    const length = run.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const views = run.map(({ bytes }) => bytes);
    let done = writevSync(this.#file, views, offset);
    if (done === length) return;
    const rest = Buffer.concat(views);
    while (done < length) done += writeSync(this.#file, rest, done, length - done, offset + done);
  }
}

type StoredForms = readonly (Uint8Array | undefined)[];

/** The image's last cluster is filled up with zeros. */
function storedForms({ bytes, memory }: Chunk, storage: ClusterStorage): Promise<StoredForms> {
  const count = Math.ceil(bytes.length / clusterSize);
  memory.fill(0, bytes.length, count * clusterSize);
  const clusters = Array.from({ length: count }, (_, index) =>
    memory.subarray(index * clusterSize, (index + 1) * clusterSize),
  );
  return Promise.all(clusters.map((cluster) => storage.stored(cluster)));
}

/** Pieces that follow each other in the file are written at once, up to the length that is good for a write. */
function runsOf(pieces: readonly Piece[]): Piece[][] {
  const runs: Piece[][] = [];
  for (const piece of pieces) {
    const run = runs.at(-1);
    if (run !== undefined && belongsTo(run, piece)) run.push(piece);
    else runs.push([piece]);
  }
  return runs;
}

function belongsTo(run: readonly Piece[], { offset }: Piece): boolean {
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined) return false;
  return offset === last.offset + last.bytes.length && offset - first.offset < longestWrite;
}
