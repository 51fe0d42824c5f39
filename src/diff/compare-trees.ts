import { SourceReader } from "../image/source-reader.ts";
import { printablePath } from "../inspect/printable.ts";
import { MiB } from "../layout/units.ts";
import type { ByteString } from "../manifest/byte-string.ts";
import type { DirectoryInode, FileInode, Inode } from "../manifest/inode.ts";
import { walk } from "../manifest/tree.ts";
import type { Change } from "./facts.ts";

/**
 * What was added, removed and changed between two file trees. Inside of store paths that were built again, files are
 * compared with those of the same name; store paths that came or went as a whole are not listed file by file.
 *
 * @throws MkimageError SOURCE_CHANGED when an image ends before a file does.
 */
export function compareTrees(before: DirectoryInode, after: DirectoryInode): Change[] {
  const [old, now] = [byKey(before), byKey(after)];
  const [oldPaths, newPaths] = [storeKeys(old), storeKeys(now)];
  using reader = new SourceReader();
  const changes: Change[] = [];
  for (const key of [...new Set([...old.keys(), ...now.keys()])].toSorted()) {
    const [a, b] = [old.get(key), now.get(key)];
    const store = storeKey(key);
    if (store !== undefined && !(oldPaths.has(store) && newPaths.has(store))) continue;
    changes.push(...compareInodes(a, b, reader));
  }
  return changes;
}

interface Placed {
  readonly path: ByteString;
  readonly inode: Inode;
}

const storePattern = /^((?:nix\/)?store\/)[0-9a-z]{32}-([^/]+)/;

/** A path without the hash of a store path; where several have the same name, each keeps its own. */
function byKey(root: DirectoryInode): Map<string, Placed> {
  const places = [...walk(root)];
  const names = Map.groupBy(
    places.flatMap(({ path }) => (/^(?:nix\/)?store\/[^/]+$/.test(path) ? [path] : [])),
    (path) => path.replace(storePattern, "$1*-$2"),
  );
  const isAlone = (path: ByteString): boolean => {
    const [own = ""] = storePattern.exec(path) ?? [];
    return (names.get(own.replace(storePattern, "$1*-$2"))?.length ?? 0) < 2;
  };
  return new Map(
    places.map((place) => [isAlone(place.path) ? place.path.replace(storePattern, "$1*-$2") : place.path, place]),
  );
}

function storeKeys(places: ReadonlyMap<string, Placed>): Set<string> {
  return new Set([...places.keys()].flatMap((key) => storeKey(key) ?? []));
}

function storeKey(key: string): string | undefined {
  return /^(?:nix\/)?store\/(?:\*|[0-9a-z]{32})-[^/]+/.exec(key)?.[0];
}

function compareInodes(a: Placed | undefined, b: Placed | undefined, reader: SourceReader): Change[] {
  const sizes = [a === undefined ? null : sizeOf(a.inode), b === undefined ? null : sizeOf(b.inode)] as const;
  const name = printablePath((b ?? a)?.path ?? "");
  if (a === undefined) return [{ kind: "added", name, sizes, what: [] }];
  if (b === undefined) return [{ kind: "removed", name, sizes, what: [] }];
  const what = [...attributeChanges(a.inode, b.inode), ...contentChanges(a.inode, b.inode, reader)];
  return what.length === 0 ? [] : [{ kind: "changed", name, sizes, what }];
}

function sizeOf(inode: Inode): number {
  return inode.type === "file" ? inode.size : 0;
}

function attributeChanges(a: Inode, b: Inode): string[] {
  const mode = (inode: Inode): string => inode.mode.toString(8);
  const time = ({ mtime }: Inode): string => `${mtime.seconds}.${String(mtime.nanoseconds).padStart(9, "0")}`;
  return [
    difference("type", a.type, b.type),
    difference("mode", mode(a), mode(b)),
    difference("owner", `${a.uid}:${a.gid}`, `${b.uid}:${b.gid}`),
    difference("mtime", time(a), time(b)),
  ].flat();
}

function difference(what: string, before: string, after: string): string[] {
  return before === after ? [] : [`${what} ${before} → ${after}`];
}

function contentChanges(a: Inode, b: Inode, reader: SourceReader): string[] {
  if (a.type === "symlink" && b.type === "symlink") return difference("target", a.target, b.target);
  if (a.type !== "file" || b.type !== "file") return [];
  if (a.size !== b.size) return ["size"];
  return sameContent(a, b, reader) ? [] : ["content"];
}

/** Both are read side by side; holes are zeros. */
function sameContent(a: FileInode, b: FileInode, reader: SourceReader): boolean {
  for (let offset = 0; offset < a.size; offset += MiB) {
    const length = Math.min(MiB, a.size - offset);
    if (!piece(a, offset, length, reader).equals(piece(b, offset, length, reader))) return false;
  }
  return true;
}

function piece(file: FileInode, start: number, length: number, reader: SourceReader): Buffer {
  const buffer = Buffer.alloc(length);
  for (const extent of file.content) {
    const from = Math.max(start, extent.offset);
    const end = Math.min(start + length, extent.offset + extent.length);
    if (end > from)
      reader.read(extent.source, from - extent.offset, { buffer, start: from - start, length: end - from });
  }
  return buffer;
}
