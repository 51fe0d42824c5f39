import type { ByteString } from "../byte-string.ts";
import type { ReadRules } from "../read-rules.ts";
import { type Found, unreadable } from "./found.ts";
import { type Common, WalkedReader } from "./walked-reader.ts";
import type { Walked } from "./walked.ts";

/**
 * What was found in the trees of a list as rules want it, in the order of the list. Reads files that have holes. The columns
 * are used up.
 */
export function inodesOf(
  parts: readonly Walked[],
  paths: readonly ByteString[],
  rules: ReadRules,
  common: Common = { linked: new Map() },
): Found[] {
  const trees: Found[] = [];
  for (const part of parts) {
    using reader = new WalkedReader(part, rules, common);
    for (const tree of part.trees) {
      const fault = part.faults.get(tree);
      trees[tree] = fault === undefined ? reader.nextTree(paths[tree] as ByteString) : unreadable(fault);
    }
  }
  return trees;
}
