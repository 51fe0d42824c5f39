import type { Extent } from "../../image/extent.ts";
import type { ByteString } from "../../base/byte-string.ts";
import { contentExtents } from "../../manifest/content-extents.ts";
import type { DirectoryInode, FileInode } from "../../manifest/inode.ts";
import { walk } from "../../manifest/tree.ts";

/** Tells whether bytes come from files that are kept off this machine's disks, other than in the image itself. */
export type IsPrivate = (extent: Extent) => boolean;

/** Bytes of the given files, and of what is in the given folders, are private. */
export function privateTo(sources: readonly ByteString[]): IsPrivate {
  return ({ source }) =>
    source.kind === "file" &&
    sources.some((path) => source.path === path || source.path.startsWith(`${path.replace(/\/$/, "")}/`));
}

/** A private file of a tree, and where it stands there. */
interface PrivateFile {
  readonly path: ByteString;
  readonly inode: FileInode;
}

/** The private files of a tree. */
export function privateFilesIn(tree: DirectoryInode, isPrivate: IsPrivate): PrivateFile[] {
  return [...walk(tree)].flatMap(({ path, inode }) => {
    return inode.type === "file" && contentExtents(inode).some(isPrivate) ? [{ path, inode }] : [];
  });
}

/** A list of extents without those that are private: they read as zeros. */
export function* withoutPrivate(extents: Iterable<Extent>, isPrivate: IsPrivate): Generator<Extent> {
  for (const extent of extents) if (!isPrivate(extent)) yield extent;
}
