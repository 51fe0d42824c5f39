import type { ClosureFacts, InspectFacts } from "./facts.ts";

/** The data of the page: the facts, with store paths as numbers, since thousands of them refer to each other. */
export interface PageData extends Omit<InspectFacts, "closure"> {
  readonly closure: PageClosure | null;
}

export interface PageClosure {
  readonly roots: readonly { readonly name: string; readonly path: number }[];
  /** Lists of the same length, by the number of a path. */
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  readonly references: readonly (readonly number[])[];
  /** The referrer on the shortest way from a root; -1 for a path that a root names, -2 for one that no root reaches. */
  readonly reasons: readonly number[];
  readonly faults: readonly string[];
}

const byRoot = -1;
const byNothing = -2;

/** Turns facts into the data of the page. Pure. */
export function pageData(facts: InspectFacts): PageData {
  return { ...facts, closure: facts.closure === null ? null : compact(facts.closure) };
}

function compact({ roots, paths, faults }: ClosureFacts): PageClosure {
  const numbers = new Map(paths.map(({ path }, index) => [path, index]));
  const numbered = (list: readonly string[]): number[] => list.flatMap((path) => numbers.get(path) ?? []);
  return {
    roots: roots.flatMap(({ name, path }) => numbered([path]).map((number) => ({ name, path: number }))),
    names: paths.map(({ path }) => path),
    sizes: paths.map(({ size }) => size),
    references: paths.map(({ references }) => numbered(references)),
    reasons: paths.map(({ why }) => (why.length < 2 ? byNothing : (numbers.get(why.at(-2) as string) ?? byRoot))),
    faults,
  };
}
