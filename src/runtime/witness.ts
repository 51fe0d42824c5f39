import { AsyncLocalStorage } from "node:async_hooks";

/** Somebody who wants to see what happens outside of this program. */
export interface Witness {
  /** An external program is about to run. */
  command(argv: readonly string[]): void;
  /** A line of a guest's console, without escape sequences. */
  output(line: string): void;
}

const witnesses = new AsyncLocalStorage<Witness>();

/** Does some work, whose commands and guests are then seen. */
export function witnessed<Result>(witness: Witness, work: () => Promise<Result>): Promise<Result> {
  return witnesses.run(witness, work);
}

/** Returns the witness of the current work; `undefined` where there is none. */
export function currentWitness(): Witness | undefined {
  return witnesses.getStore();
}
