import { MkimageError } from "../base/errors.ts";
import { type ByteString, textOf } from "../base/byte-string.ts";
import { type Content, type ContentEntry, numericOwner } from "./contents.ts";
import type { DirectoryInode, Inode, Timestamp } from "./inode.ts";
import { changeAttributes, insert, lookUp, makeDirectory, namesOf } from "./tree.ts";

/** Owners that only the installed system knows by number: they are set in a guest, for a path and all that is in it. */
interface NamedOwner {
  readonly path: ByteString;
  readonly user: string;
  readonly group: string;
}

/**
 * Places contents in a root, with the folders that lead to them. A folder may come to a folder that the system has
 * (`/etc`); their entries must not collide. Pure but for the root, which changes.
 *
 * @returns the owners that a guest has to look up.
 * @throws MkimageError BAD_REQUEST listing every target that is taken.
 */
export function placeContents(root: DirectoryInode, contents: readonly Content[], time: Timestamp): NamedOwner[] {
  const faults: string[] = [];
  const targets = new Set<ByteString>();
  const owners = contents.flatMap((content) => {
    const placed = content.folder === undefined ? [] : placeFolder(root, content.folder, content, time, faults);
    for (const { path, inode } of content.items) {
      const target = namesOf(path).join("/");
      if (targets.has(target)) faults.push(`/${textOf(target)}: two entries of contents have this target`);
      else collect(faults, () => placeItem(root, target, inode, content.entry, time));
      targets.add(target);
    }
    return namedOwners(content, placed);
  });
  if (faults.length === 0) return owners;
  throw new MkimageError("BAD_REQUEST", "some contents cannot be placed", {
    details: faults,
    hint: "choose another target for each of them",
  });
}

/** Makes the folder that takes what a pattern matches. Gives it back when it is new: then it has the entry's owner too. */
function placeFolder(
  root: DirectoryInode,
  path: ByteString,
  { entry }: Content,
  time: Timestamp,
  faults: string[],
): ByteString[] {
  if (lookUp(root, path) !== undefined) return [];
  collect(faults, () => {
    const names = namesOf(path);
    makeDirectory(root, names.slice(0, -1).join("/"), madeFolder(time));
    makeDirectory(root, path, { ...madeFolder(time), ...numericOwner(entry) });
  });
  return [path];
}

/** Places an inode. The entry's mode and owner apply to a folder that was there before as well. */
function placeItem(root: DirectoryInode, path: ByteString, inode: Inode, entry: ContentEntry, time: Timestamp): void {
  const present = lookUp(root, path);
  placeAt(root, path, inode, time);
  if (present?.type !== "directory") return;
  if (entry.mode !== undefined) changeAttributes(present, { mode: inode.mode });
  if (entry.user !== undefined) changeAttributes(present, numericOwner(entry) ?? {});
}

function placeAt(root: DirectoryInode, path: ByteString, inode: Inode, time: Timestamp): void {
  const present = lookUp(root, path);
  if (present?.type === "directory" && inode.type === "directory") return merge(root, path, inode, time);
  makeDirectory(root, namesOf(path).slice(0, -1).join("/"), madeFolder(time));
  insert(root, path, inode);
}

function merge(root: DirectoryInode, path: ByteString, inode: DirectoryInode, time: Timestamp): void {
  for (const [name, entry] of inode.entries) placeAt(root, `${path}/${name}`, entry, time);
}

function namedOwners({ entry, items }: Content, folders: readonly ByteString[]): NamedOwner[] {
  const { user, group } = entry;
  if (user === undefined || group === undefined || numericOwner(entry) !== undefined) return [];
  const paths = folders.length > 0 ? folders : items.map(({ path }) => path);
  return paths.map((path) => ({ path, user, group }));
}

function madeFolder(mtime: Timestamp) {
  return { mode: 0o755, uid: 0, gid: 0, mtime };
}

function collect(faults: string[], action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof MkimageError)) throw error;
    faults.push(error.message);
  }
}
