import { closeSync, openSync, writevSync } from "node:fs";
import type { Bytes } from "../../layout/units.ts";
import { longestWrite, writeFullySync } from "../file-output.ts";
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
  /** The memory that pieces of the image are put into, each with room for a whole number of clusters. */
  readonly slots: readonly SharedArrayBuffer[];
}

/** A piece of the image, which begins with a cluster. */
export interface FilledSlot {
  readonly slot: number;
  readonly offset: Bytes;
  readonly length: Bytes;
}

/**
 * A qcow2 file of clusters of 64 KiB that is being written. Clusters of zeros take no room, and those that do not compress
 * are stored as they are. Clusters are compressed in any order, and placed in the image's. It writes synchronously, for a
 * thread of its own.
 */
export class Qcow2Writer {
  readonly #start: Qcow2Start;
  readonly #file: number;
  readonly #allocation = new Qcow2Allocation();
  readonly #storage: ClusterStorage;
  #placed = Promise.resolve();

  constructor(start: Qcow2Start) {
    this.#start = start;
    this.#storage = new ClusterStorage(start.compression, start.coders);
    this.#file = openSync(start.path, "w");
  }

  /**
   * Writes a piece behind those before it. Comes back when its slot is not needed any more. Throws the operating system's
   * error where this piece or one before it cannot be written.
   */
  write({ slot, offset, length }: FilledSlot): Promise<void> {
    const shared = this.#start.slots[slot];
    if (shared === undefined) throw new RangeError(`there is no slot ${slot}`);
    const memory = new Uint8Array(shared);
    this.#placed = this.#place(offset / clusterSize, storedForms(memory, length, this.#storage), this.#placed);
    return this.#placed;
  }

  /** Writes the tables, and last the header, when all pieces are written: until then the file is no image. */
  finish(): void {
    const { size, compression } = this.#start;
    for (const { offset, bytes } of tablePieces(this.#allocation, size, compression)) {
      writeFullySync(this.#file, bytes, offset);
    }
  }

  /** Whether it is finished or not. */
  async close(): Promise<void> {
    // Nothing may still be written when the file is closed.
    await this.#placed.catch(() => undefined);
    this.#storage[Symbol.dispose]();
    closeSync(this.#file);
  }

  /** Ends when all pieces up to this one have ended, in whichever way. */
  async #place(first: number, stored: Promise<StoredForms>, before: Promise<void>): Promise<void> {
    const [forms, earlier] = await Promise.allSettled([stored, before]);
    if (earlier.status === "rejected") throw earlier.reason;
    if (forms.status === "rejected") throw forms.reason;
    const pieces = forms.value.flatMap((bytes, index): Piece[] =>
      bytes === undefined ? [] : [{ offset: this.#allocation.place(first + index, bytes.length), bytes }],
    );
    for (const run of runsOf(pieces)) this.#writeRun(run);
  }

  /** Pieces that lie one behind the other. */
  #writeRun(run: readonly Piece[]): void {
    const offset = run[0]?.offset ?? 0;
    const length = run.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const views = run.map(({ bytes }) => bytes);
    const done = writevSync(this.#file, views, offset);
    if (done < length) writeFullySync(this.#file, Buffer.concat(views).subarray(done), offset + done);
  }
}

type StoredForms = readonly (Uint8Array | undefined)[];

/** The image's last cluster is filled up with zeros. */
function storedForms(memory: Uint8Array, length: Bytes, storage: ClusterStorage): Promise<StoredForms> {
  const count = Math.ceil(length / clusterSize);
  memory.fill(0, length, count * clusterSize);
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
