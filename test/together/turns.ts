/**
 * Lets the tests of one file run at a time: as many of that file as come, and those of other files when these are through,
 * in the order in which they came.
 */
export class Turns {
  #file: string | undefined;
  #running = 0;
  #waiting: (() => void)[] = [];

  /** Runs `test` when it is `file`'s turn. */
  async run<T>(file: string, test: () => T): Promise<Awaited<T>> {
    while (this.#file !== undefined && this.#file !== file)
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#file = file;
    this.#running += 1;
    try {
      return await test();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#pass();
    }
  }

  #pass(): void {
    this.#file = undefined;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** The turns of all files that run in this process. */
export const ownTurns = new Turns();
