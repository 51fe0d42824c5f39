/**
 * Equal pieces of memory, each in use by at most one task: what bounds the memory of a sink, and lets it read on while
 * earlier pieces are worked on.
 */
export class MemorySlots<Memory = Uint8Array> {
  readonly #free: Memory[];
  readonly #tasks = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];

  constructor(pieces: readonly Memory[]) {
    this.#free = [...pieces];
  }

  /** A free slot. Ask for it after `available` only. */
  take(): Memory {
    const slot = this.#free.pop();
    if (slot === undefined) throw new RangeError("every slot is in use");
    return slot;
  }

  /** Leaves a slot to a task, which frees it when it ends. */
  use(slot: Memory, task: Promise<void>): void {
    const tracked = task
      .catch((error: unknown) => void this.#failures.push(error))
      .finally(() => {
        this.#free.push(slot);
        this.#tasks.delete(tracked);
      });
    this.#tasks.add(tracked);
  }

  /** Waits until a slot is free. Throws what a task has thrown. */
  async available(): Promise<void> {
    if (this.#free.length === 0) await Promise.race(this.#tasks);
    this.#throwFailure();
  }

  /** Waits until every task has ended. Throws what the first failed one has thrown. */
  async settled(): Promise<void> {
    await Promise.all(this.#tasks);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
