import type { ByteString } from "../../base/byte-string.ts";
import type { ThreadJob } from "../../runtime/threads/job.ts";
import { Walk } from "./walk.ts";
import type { Walked, WalkRules } from "./walked.ts";

/** A list of trees that several threads walk through at once: each takes the next few until none is left. */
export interface SharedWalk {
  readonly paths: readonly ByteString[];
  readonly rules: WalkRules;
  /** How many have been taken, in memory that all threads see. */
  readonly taken: Int32Array;
}

/** How often threads come back for more: often enough that none of them waits long for another at the end. */
const turns = 64;

/** Walks through as many of the trees as this thread comes to. */
export function walkShare(shared: SharedWalk): Walked {
  const walk = new Walk(shared.rules);
  for (const trees of takeTurns(shared)) walkThrough(walk, trees, shared);
  return walk.finish();
}

export const walkShareJob: ThreadJob<SharedWalk, Walked> = { name: "walkShare", run: walkShare };

/** Walks as `walkShare`, and gives each time what was found at once. */
export function* walkTurns(shared: SharedWalk): Generator<Walked> {
  for (const trees of takeTurns(shared)) {
    const walk = new Walk(shared.rules);
    walkThrough(walk, trees, shared);
    yield walk.finish();
  }
}

interface Turn {
  readonly first: number;
  readonly end: number;
}

function* takeTurns({ paths, taken }: SharedWalk): Generator<Turn> {
  const most = Math.ceil(paths.length / turns);
  for (let first = 0; (first = Atomics.add(taken, 0, most)) < paths.length;) {
    yield { first, end: Math.min(first + most, paths.length) };
  }
}

function walkThrough(walk: Walk, { first, end }: Turn, { paths }: SharedWalk): void {
  for (let tree = first; tree < end; tree += 1) walk.add(tree, paths[tree] as ByteString);
}
