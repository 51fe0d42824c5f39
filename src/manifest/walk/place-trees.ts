import type { ByteString } from "../../base/byte-string.ts";
import type { ReadRules } from "../read-rules.ts";
import { type Found, unreadable } from "./found.ts";
import { type Common, WalkedReader } from "./walked-reader.ts";
import type { Walked } from "./walked.ts";

/**
 * Makes inodes of what was found in some of the trees of a list, as rules want it, and puts them in the places of those
 * trees. The columns are used up.
 */
export function placeTrees(
  found: Found[],
  walked: Walked,
  paths: readonly ByteString[],
  rules: ReadRules,
  common: Common,
): void {
  using reader = new WalkedReader(walked, rules, common);
  for (const tree of walked.trees) {
    const fault = walked.faults.get(tree);
    found[tree] = fault === undefined ? reader.nextTree(paths[tree] as ByteString) : unreadable(fault);
  }
}
