import type { DirectoryInode, Inode } from "../../src/manifest/inode.ts";
import { walk } from "../../src/manifest/tree.ts";
import { bytesOfFile } from "./write-tree.ts";
import { contentExtents } from "../../src/manifest/content-extents.ts";

/** A tree as plain values, so that two of them can be compared: names of one file carry the same number. */
export function describeTree(root: DirectoryInode): Record<string, object> {
  const numbers = new Map<Inode, number>();
  return Object.fromEntries(
    [...walk(root)].map(({ path, inode }) => {
      const number = numbers.get(inode) ?? numbers.size;
      numbers.set(inode, number);
      return [path, { number, ...plain(inode) }];
    }),
  );
}

function plain(inode: Inode): object {
  const xattrs = [...(inode.xattrs ?? [])]
    .map(([name, value]) => [name, Buffer.from(value).toString("latin1")])
    .toSorted();
  const common = { ...inode, xattrs };
  if (inode.type === "directory") return { ...common, entries: undefined };
  if (inode.type !== "file") return common;
  return {
    ...common,
    content: bytesOfFile(inode).toString("latin1"),
    data: contentExtents(inode).map(({ offset, length }) => [offset, length]),
  };
}
