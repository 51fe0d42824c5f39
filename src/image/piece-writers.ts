import { setImmediate } from "node:timers/promises";
import type { Extent } from "./extent.ts";
import { type SharedFlag, newClaim, take } from "../runtime/threads/claim.ts";
import { freeThread } from "../runtime/threads/thread-pool.ts";
import type { Thread } from "../runtime/threads/thread.ts";
import { throwIfAborted } from "./image.ts";
import { writePieceJob } from "./jobs.ts";
import { canBePacked, packExtents } from "./packed-extents.ts";
import { type PieceToWrite, writePiece } from "./write-piece.ts";

/** For a thread. The main thread is busy for long when it makes metadata. */
const mostJobs = 6;

/** A piece that a thread has been sent, and may not have come to. */
interface SentPiece {
  readonly extents: readonly Extent[];
  readonly claim: SharedFlag;
  /** Comes when the thread is done with it, whatever went wrong. */
  readonly done: Promise<void>;
}

/**
 * Writes pieces of an image into an open file. Those that are all of files go to threads, as long as they have room. The
 * rest, of which bytes may still have to be made, waits until they have, and is then written here. So are, at the end, those
 * that no thread has come to.
 */
export class PieceWriters implements AsyncDisposable {
  readonly #output: Omit<PieceToWrite, "extents">;
  readonly #signal: AbortSignal | undefined;
  /** Pieces that no thread can be sent. */
  readonly #own: (readonly Extent[])[] = [];
  /** Those that no thread is done with. */
  readonly #sent = new Set<SentPiece>();
  readonly #failures: unknown[] = [];

  constructor(output: Omit<PieceToWrite, "extents">, signal: AbortSignal | undefined) {
    this.#output = output;
    this.#signal = signal;
  }

  /** Comes back when there is time for the next piece. Throws, as `writePiece`, what went wrong with any so far; INTERRUPTED. */
  async write(extents: readonly Extent[]): Promise<void> {
    this.#throwFailure();
    if (canBePacked(extents)) await this.#writeFiles(extents);
    else this.#own.push(extents);
  }

  /** Waits until every piece is written. Throws as `write`. */
  async finish(): Promise<void> {
    for (let own = this.#own.shift(); own !== undefined; own = this.#own.shift()) await this.#writeHere(own);
    // The last ones first: threads take them in the order in which they were sent.
    for (const { extents, claim } of [...this.#sent].toReversed()) if (take(claim)) await this.#writeHere(extents);
    await this.#settled();
    this.#throwFailure();
  }

  /** Drops the pieces that no thread has begun, and waits for the others. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { claim } of this.#sent) take(claim);
    await this.#settled();
  }

  async #writeFiles(extents: readonly Extent[]): Promise<void> {
    for (;;) {
      const thread = freeThread(mostJobs);
      if (thread !== undefined) {
        this.#send(thread, extents);
        return;
      }
      const own = this.#own.shift();
      await this.#writeHere(own ?? extents);
      if (own === undefined) return;
    }
  }

  #send(thread: Thread, extents: readonly Extent[]): void {
    const piece = packExtents(extents);
    const claim = newClaim();
    const written = thread.run(writePieceJob, { ...this.#output, piece, claim }, [piece.numbers.buffer]);
    const heard = written.catch((error: unknown) => void this.#failures.push(error));
    const sent: SentPiece = { extents, claim, done: heard.then(() => void this.#sent.delete(sent)) };
    this.#sent.add(sent);
  }

  async #settled(): Promise<void> {
    await Promise.all([...this.#sent].map(({ done }) => done));
  }

  /** Hears afterwards what the threads have to say. */
  async #writeHere(extents: readonly Extent[]): Promise<void> {
    writePiece({ ...this.#output, extents });
    await setImmediate();
    throwIfAborted(this.#signal);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
