import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { MkimageError } from "../../errors.ts";
import type { PieceToWrite } from "../write-piece.ts";
import { errorOf, type Failure } from "./failure.ts";
import { type PackedExtents, packExtents } from "./packed-extents.ts";

/** What a thread is sent. */
export interface Job extends Pick<PieceToWrite, "descriptor" | "imageSize"> {
  readonly piece: PackedExtents;
}

/** A thread of its own that does one job after the other. It does not keep the process alive while it has none. */
export class Thread {
  readonly #worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: 2 } });
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  /** Whether it takes no more jobs. */
  ended = false;

  constructor() {
    this.#worker.on("message", (failure: Failure | null) => this.#end(failure === null ? undefined : errorOf(failure)));
    this.#worker.on("error", (error) => this.#endAll(error));
    this.#worker.on("exit", (code) =>
      this.#endAll(new MkimageError("INTERNAL", `a thread ended by itself, with code ${code}`)),
    );
    // Behind the listeners, of which each makes the process wait again.
    this.#worker.unref();
  }

  /** How many jobs it has not done yet. */
  get jobs(): number {
    return this.#waiting.length;
  }

  /** Its extents are all of files. Throws as `writePiece`. */
  write({ descriptor, imageSize, extents }: PieceToWrite): Promise<void> {
    const piece = packExtents([...extents]);
    const job: Job = { descriptor, imageSize, piece };
    this.#worker.postMessage(job, [piece.numbers.buffer]);
    this.#worker.ref();
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #end(error: unknown): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(error);
  }

  #endAll(error: unknown): void {
    this.ended = true;
    while (this.#waiting.length > 0) this.#end(error);
  }
}

/** Beside this file, or beside the bundle that this file is a part of. */
const program = new URL(`image-thread${extname(import.meta.url)}`, import.meta.url);
