import type { ByteString } from "../byte-string.ts";
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
export function walkShare({ paths, rules, taken }: SharedWalk): Walked {
  const walk = new Walk(rules);
  const most = Math.ceil(paths.length / turns);
  for (let first = 0; (first = Atomics.add(taken, 0, most)) < paths.length;) {
    for (const [index, path] of paths.slice(first, first + most).entries()) walk.add(first + index, path);
  }
  return walk.finish();
}
