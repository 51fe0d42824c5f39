import { setImmediate } from "node:timers/promises";
import { throwIfAborted } from "./image.ts";

/** How long something is read before signals are heard, in milliseconds. */
const longestTurn = 30;

/**
 * Lets signals be heard while much is read: Node hears of them between two turns of its loop, and not while a function
 * reads. Used as `if (turns.isOver) await turns.next()`, which costs next to nothing a time.
 */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #end = performance.now() + longestTurn;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** @throws MkimageError INTERRUPTED. */
  async next(): Promise<void> {
    await setImmediate();
    throwIfAborted(this.#signal);
    this.#end = performance.now() + longestTurn;
  }
}
