import { printablePath } from "../printable.ts";
import type { ByteString } from "../../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../../manifest/inode.ts";
import { walk } from "../../manifest/tree.ts";
import type { ContentComparison } from "./compare-content.ts";
import type { Change } from "./facts.ts";

/**
 * Finds the files added, removed and changed between two file trees. Inside of store paths that were built again, files are
 * compared with those of the same name; store paths that came or went as a whole are not listed file by file.
 *
 * @throws MkimageError BAD_IMAGE when an image ends before a file does; INTERRUPTED.
 */
export async function compareTrees(
  before: DirectoryInode,
  after: DirectoryInode,
  contents: ContentComparison,
): Promise<Change[]> {
  const [old, now] = [byKey(before), byKey(after)];
  const [oldPaths, newPaths] = [storeKeys(old), storeKeys(now)];
  const changes: Change[] = [];
  for (const key of [...new Set([...old.keys(), ...now.keys()])].toSorted()) {
    const [a, b] = [old.get(key), now.get(key)];
    const store = storeKey(key);
    if (store !== undefined && !(oldPaths.has(store) && newPaths.has(store))) continue;
    changes.push(...(await compareInodes(a, b, contents)));
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

async function compareInodes(
  a: Placed | undefined,
  b: Placed | undefined,
  contents: ContentComparison,
): Promise<Change[]> {
  const sizes = [a === undefined ? null : sizeOf(a.inode), b === undefined ? null : sizeOf(b.inode)] as const;
  const name = printablePath((b ?? a)?.path ?? "");
  if (a === undefined) return [{ kind: "added", name, sizes, what: [] }];
  if (b === undefined) return [{ kind: "removed", name, sizes, what: [] }];
  const what = [...attributeChanges(a.inode, b.inode), ...(await contentChanges(a.inode, b.inode, contents))];
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

async function contentChanges(a: Inode, b: Inode, contents: ContentComparison): Promise<string[]> {
  if (a.type === "symlink" && b.type === "symlink") return difference("target", a.target, b.target);
  if (a.type !== "file" || b.type !== "file") return [];
  if (a.size !== b.size) return ["size"];
  return (await contents.areSame(a, b)) ? [] : ["content"];
}
