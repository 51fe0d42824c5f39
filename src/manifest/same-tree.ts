import { isDeepStrictEqual } from "node:util";
import type { Inode } from "./inode.ts";

/**
 * Whether two trees hold the same: their folders are alike, and all else is the very same object, so that hard links and
 * where contents come from need no look. Folders that the two share are not walked.
 */
export function isSameTree(one: Inode, other: Inode): boolean {
  if (one === other) return true;
  if (one.type !== "directory" || other.type !== "directory") return false;
  const { entries, ...attributes } = one;
  const { entries: others, ...otherAttributes } = other;
  if (entries.size !== others.size || !isDeepStrictEqual(attributes, otherAttributes)) return false;
  return [...entries].every(([name, inode]) => {
    const found = others.get(name);
    return found !== undefined && isSameTree(inode, found);
  });
}
