import { setImmediate } from "node:timers/promises";
import type { Bytes } from "../layout/units.ts";
import type { Extent } from "./extent.ts";
import { freeThread } from "./threads/thread-pool.ts";
import { writePiece } from "./write-piece.ts";

/** Writes pieces of an image into an open file: threads do, and this one as well when they have enough to do. */
export class PieceWriters implements AsyncDisposable {
  readonly #descriptor: number;
  readonly #imageSize: Bytes;
  readonly #waiting: Promise<void>[] = [];
  readonly #failures: unknown[] = [];

  constructor(descriptor: number, imageSize: Bytes) {
    this.#descriptor = descriptor;
    this.#imageSize = imageSize;
  }

  /** Comes back when there is time for the next piece. Throws, as `writePiece`, what went wrong with any so far. */
  async write(extents: readonly Extent[]): Promise<void> {
    const piece = { descriptor: this.#descriptor, imageSize: this.#imageSize, extents };
    const thread = freeThread();
    if (thread === undefined) writePiece(piece);
    else this.#waiting.push(thread.write(piece).catch((error: unknown) => void this.#failures.push(error)));
    await setImmediate();
    this.#throwFailure();
  }

  /** Waits until every piece is written. Throws as `write`. */
  async finish(): Promise<void> {
    await Promise.all(this.#waiting);
    this.#throwFailure();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#waiting);
  }

  #throwFailure(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
