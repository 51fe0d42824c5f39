import { closeSync, openSync, writevSync } from "node:fs";
import type { Bytes } from "../../base/units.ts";
import { longestWrite, writeFullySync } from "../file-output.ts";
import { Qcow2Allocation } from "./allocation.ts";
import { clusterSize, type Compression } from "./format.ts";
import { type Piece, tablePieces } from "./tables.ts";

/** The parameters of a new qcow2 file. */
interface Qcow2Start {
  readonly path: string;
  /** Of the image. */
  readonly size: Bytes;
  readonly compression: Compression;
}

/** Stored forms of clusters that follow each other from `offset` of the image on, each where its cluster would be in `memory`. */
interface StoredClusters {
  readonly offset: Bytes;
  readonly memory: SharedArrayBuffer;
  /** Known when they are stored. */
  readonly lengths: Promise<readonly Bytes[]>;
}

/**
 * A qcow2 file of clusters of 64 KiB that is being written. Clusters of zeros take no room, and those that do not compress
 * are stored as they are. Stored forms may come in any order, and are placed in the image's.
 */
export class Qcow2Writer implements AsyncDisposable {
  readonly #start: Qcow2Start;
  readonly #file: number;
  readonly #allocation = new Qcow2Allocation();
  #placed = Promise.resolve();

  constructor(start: Qcow2Start) {
    this.#start = start;
    this.#file = openSync(start.path, "w");
  }

  /**
   * Writes clusters behind those of the call before. Comes back when their memory is not needed any more. Throws what
   * `lengths` throws, and the operating system's error where these or earlier ones cannot be written.
   */
  write(clusters: StoredClusters): Promise<void> {
    this.#placed = this.#place(clusters, this.#placed);
    return this.#placed;
  }

  /** Writes the tables, and last the header, when all clusters are written: until then the file is no image. */
  finish(): void {
    const { size, compression } = this.#start;
    for (const { offset, bytes } of tablePieces(this.#allocation, size, compression)) {
      writeFullySync(this.#file, bytes, offset);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing may still be written when the file is closed.
    await this.#placed.catch(() => undefined);
    closeSync(this.#file);
  }

  /** Ends when all clusters up to these have ended, in whichever way. */
  async #place({ offset, memory, lengths }: StoredClusters, before: Promise<void>): Promise<void> {
    const [stored, earlier] = await Promise.allSettled([lengths, before]);
    if (earlier.status === "rejected") throw earlier.reason;
    if (stored.status === "rejected") throw stored.reason;
    const pieces = stored.value.flatMap((length, index): Piece[] => {
      if (length === 0) return [];
      const bytes = new Uint8Array(memory, index * clusterSize, length);
      return [{ offset: this.#allocation.place(offset / clusterSize + index, length), bytes }];
    });
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
