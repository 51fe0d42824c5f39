import type { Bytes } from "../base/units.ts";
import { type ByteString, textOf } from "../base/byte-string.ts";
import type { DirectoryInode, Inode } from "../manifest/inode.ts";
import { lookUp, walk } from "../manifest/tree.ts";
import { isStorePath, storeFolder, storePathOf } from "../nix/store-path.ts";
import { follow } from "../manifest/follow.ts";

/** A filesystem with a Nix store in it. */
export interface FoundStore {
  readonly root: DirectoryInode;
  /** `nix` where the filesystem is mounted at /, and empty where it is mounted at /nix. */
  readonly base: "nix" | "";
  readonly folder: DirectoryInode;
}

/** The Nix store of a filesystem, where it has one. */
export function findStore(root: DirectoryInode): FoundStore | undefined {
  for (const base of ["nix", ""] as const) {
    const folder = lookUp(root, `${base}/store`);
    const isStore = folder?.type === "directory" && lookUp(root, `${base}/var/nix`)?.type === "directory";
    if (isStore) return { root, base, folder };
  }
  return undefined;
}

/** Every store path that is there, and the bytes of its files. A file with several names counts once. */
export function storePathSizes({ folder }: FoundStore): Map<string, Bytes> {
  const seen = new Set<Inode>();
  const sizes = new Map<string, Bytes>();
  for (const [name, inode] of folder.entries) {
    const path = `${storeFolder}/${textOf(name)}`;
    if (isStorePath(path)) sizes.set(path, sizeOf(inode, seen));
  }
  return sizes;
}

function sizeOf(root: Inode, seen: Set<Inode>): Bytes {
  let size = 0;
  for (const { inode } of walk(root)) {
    if (inode.type !== "file" || seen.has(inode)) continue;
    seen.add(inode);
    size += inode.size;
  }
  return size;
}

/** A name outside of the store that keeps a store path, such as a profile. */
export interface StoreRoot {
  /** As the running system would call it: `/nix/var/nix/profiles/system`. */
  readonly name: string;
  readonly path: string;
}

/** Each can lead through forty links. */
const mostRoots = 10_000;

/** Every link among profiles and garbage collector roots that leads into the store. */
export function storeRoots(store: FoundStore): StoreRoot[] {
  return [...linksOf(store).take(mostRoots)].flatMap(({ kind, path }) => rootAt(store, kind, path));
}

function* linksOf({ root, base }: FoundStore): Generator<{ kind: string; path: ByteString }> {
  for (const kind of ["profiles", "gcroots"]) {
    const folder = lookUp(root, `${base}/var/nix/${kind}`);
    if (folder === undefined) continue;
    for (const { path, inode } of walk(folder)) if (inode.type === "symlink") yield { kind, path };
  }
}

function rootAt({ root, base }: FoundStore, kind: string, path: ByteString): StoreRoot[] {
  const target = targetOf(root, base, `${base}/var/nix/${kind}/${path}`);
  return target === undefined ? [] : [{ name: `/nix/var/nix/${kind}/${textOf(path)}`, path: target }];
}

function targetOf(root: DirectoryInode, base: FoundStore["base"], path: ByteString): string | undefined {
  const end = follow(rootOf({ root, base }), base === "nix" ? path : `nix/${path}`);
  return end === undefined ? undefined : storePathOf(`/${textOf(end)}`);
}

/** The tree as the running system sees it: a filesystem that is only the store's is mounted at /nix. */
export function rootOf({ root, base }: Pick<FoundStore, "root" | "base">): DirectoryInode {
  return base === "nix" ? root : { ...root, entries: new Map([["nix", root]]) };
}
