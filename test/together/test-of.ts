import type { TestFn } from "ava";
import type { Turns } from "./turns.ts";

type Declare = (...given: readonly unknown[]) => void;
type Implementation = (...given: readonly unknown[]) => unknown;

/** Returns AVA's `test` as one file of several in a process has it: with titles that begin with the file, and taking turns. */
export function testOf(file: string, test: TestFn, turns: Turns): TestFn {
  return new Proxy(test, {
    apply: (declare, _, given) => (declare as unknown as Declare)(...named(file, given, turns)),
    get: (chain, key) => {
      const further: unknown = Reflect.get(chain, key);
      return typeof further === "function" ? testOf(file, further as TestFn, turns) : further;
    },
  });
}

/** Hooks may have no title. */
function named(file: string, given: readonly unknown[], turns: Turns): unknown[] {
  const [title, implementation, ...rest] = typeof given[0] === "string" ? given : ["", ...given];
  const run = implementation as Implementation;
  const inTurn = (...context: readonly unknown[]) => turns.run(file, () => run(...context));
  return [[file, title].filter(Boolean).join(" › "), inTurn, ...rest];
}
