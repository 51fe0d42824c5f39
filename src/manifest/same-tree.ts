import { isDeepStrictEqual } from "node:util";
import type { DirectoryInode, Inode } from "./inode.ts";

/**
 * Whether two trees hold the same: their folders are alike, and all else is the very same object, so that hard links and
 * where contents come from need no look. Folders that the two share are not walked.
 */
export function isSameTree(one: Inode, other: Inode): boolean {
  if (one === other) return true;
  if (one.type !== "directory" || other.type !== "directory") return false;
  if (one.entries.size !== other.entries.size || !haveSameAttributes(one, other)) return false;
  return [...one.entries].every(([name, inode]) => {
    const found = other.entries.get(name);
    return found !== undefined && isSameTree(inode, found);
  });
}

/**
 * Returns the part of a tree that an earlier one lacks or has otherwise, with the folders that lead there: copied over the earlier one, it
 * makes this one. `undefined` where that takes more than copying, since an entry or an attribute of a folder is gone, or something has become a folder or ceased to be one.
 */
export function additionsTo(earlier: DirectoryInode, tree: DirectoryInode): DirectoryInode | undefined {
  if ([...earlier.entries.keys()].some((name) => !tree.entries.has(name))) return undefined;
  if ([...(earlier.xattrs?.keys() ?? [])].some((name) => tree.xattrs?.has(name) !== true)) return undefined;
  const entries = new Map<string, Inode>();
  for (const [name, inode] of tree.entries) {
    const before = earlier.entries.get(name);
    if (before === inode) continue;
    const added = before === undefined ? inode : replacement(before, inode);
    if (added === undefined) return undefined;
    const isKept = before?.type === "directory" && added.type === "directory" && added.entries.size === 0;
    if (!isKept || !haveSameAttributes(before, added)) entries.set(name, added);
  }
  return { ...tree, entries };
}

function replacement(before: Inode, inode: Inode): Inode | undefined {
  if (before.type === "directory" && inode.type === "directory") return additionsTo(before, inode);
  return before.type === "directory" || inode.type === "directory" ? undefined : inode;
}

function haveSameAttributes(one: DirectoryInode, other: DirectoryInode): boolean {
  return isDeepStrictEqual({ ...one, entries: undefined }, { ...other, entries: undefined });
}
