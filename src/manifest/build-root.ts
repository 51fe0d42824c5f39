import { bytesExtent } from "../image/extent.ts";
import { schemaVersion } from "../nix/database.ts";
import { storeFolder, storeName } from "../nix/store-path.ts";
import type { ByteString } from "../base/byte-string.ts";
import type { DirectoryInode, FileInode, Timestamp } from "./inode.ts";
import type { StoreContents } from "./read-store.ts";
import { changeAttributes, emptyDirectory, insert, makeDirectory } from "./tree.ts";

/** The contents of the root filesystem of a NixOS image, without its boot files. */
export interface RootContents {
  readonly store: StoreContents;
  /** The Nix database in which exactly the paths of `store` are valid. */
  readonly database: Uint8Array;
  /** The store path that the system profile leads to. */
  readonly toplevel: string;
  /** A store path, with nixpkgs under `nixos/`, that becomes root's channel. */
  readonly channel?: string | undefined;
  /** Becomes /etc/nixos/configuration.nix. */
  readonly configuration?: FileInode | undefined;
  /** The time of everything outside the store paths. */
  readonly time: Timestamp;
}

/**
 * The root of an installed system, as nixos-install leaves it: the store, its database, the profile, and the folders
 * that stage 2 expects. Pure.
 */
export function buildRoot(contents: RootContents): DirectoryInode {
  const root = emptyDirectory(owned(0o755, contents.time));
  for (const [path, mode] of folders)
    changeAttributes(makeDirectory(root, path, owned(0o755, contents.time)), { mode });
  placeStore(root, contents);
  placeDatabase(root, contents);
  placeProfile(root, "nix/var/nix/profiles", "system", contents.toplevel, contents.time);
  insert(root, "nix/var/nix/gcroots/profiles", symlink("/nix/var/nix/profiles", contents.time));
  insert(root, "etc/NIXOS", file(Buffer.alloc(0), contents.time));
  if (contents.channel !== undefined) placeChannel(root, contents.channel, contents.time);
  if (contents.configuration !== undefined) placeConfiguration(root, contents.configuration, contents.time);
  return root;
}

/** A filesystem that is to be mounted on /nix/store: store paths and nothing else. Pure. */
export function buildStoreRoot(store: StoreContents, time: Timestamp): DirectoryInode {
  const root = emptyDirectory(owned(0o755, time));
  for (const [path, inode] of store) root.entries.set(storeName(path), inode);
  return root;
}

const folders: readonly (readonly [path: ByteString, mode: number])[] = [
  ["dev", 0o755],
  ["etc", 0o755],
  ["nix/store/.links", 0o755],
  ["nix/var/nix/db", 0o755],
  ["nix/var/nix/gcroots/auto", 0o755],
  ["nix/var/nix/profiles/per-user/root", 0o755],
  ["nix/var/nix/temproots", 0o755],
  ["proc", 0o555],
  ["root", 0o700],
  ["run", 0o755],
  ["sys", 0o555],
  ["tmp", 0o1777],
  ["var", 0o755],
];

/** NixOS's fixed number of the group nixbld. */
const builderGroup = 30_000;

function placeStore(root: DirectoryInode, { store, time }: RootContents): void {
  const folder = makeDirectory(root, storeFolder, owned(0o755, time));
  // Stage 2 would set exactly this at first boot, as the Nix daemon wants it.
  changeAttributes(folder, { mode: 0o1775, gid: builderGroup });
  for (const [path, inode] of store) folder.entries.set(storeName(path), inode);
}

function placeDatabase(root: DirectoryInode, { database, time }: RootContents): void {
  insert(root, "nix/var/nix/db/db.sqlite", file(database, time));
  insert(root, "nix/var/nix/db/schema", file(Buffer.from(schemaVersion), time));
}

/** A profile with one generation: NAME → NAME-1-link → the store path. */
function placeProfile(
  root: DirectoryInode,
  folder: ByteString,
  name: ByteString,
  target: string,
  time: Timestamp,
): void {
  insert(root, `${folder}/${name}`, symlink(`${name}-1-link`, time));
  insert(root, `${folder}/${name}-1-link`, symlink(target, time));
}

function placeChannel(root: DirectoryInode, channel: string, time: Timestamp): void {
  const profiles = "nix/var/nix/profiles/per-user/root";
  placeProfile(root, profiles, "channels", channel, time);
  makeDirectory(root, "root/.nix-defexpr", owned(0o700, time));
  insert(root, "root/.nix-defexpr/channels", symlink(`/${profiles}/channels`, time));
}

/** Makes a file /etc/nixos/configuration.nix. */
export function placeConfiguration(root: DirectoryInode, configuration: FileInode, time: Timestamp): void {
  makeDirectory(root, "etc/nixos", owned(0o755, time));
  insert(root, "etc/nixos/configuration.nix", { ...configuration, ...owned(0o644, time) });
}

function file(bytes: Uint8Array, time: Timestamp): FileInode {
  return {
    type: "file",
    ...owned(0o644, time),
    size: bytes.length,
    content: bytes.length === 0 ? [] : [bytesExtent(0, bytes)],
  };
}

function symlink(target: ByteString, time: Timestamp) {
  return { type: "symlink", ...owned(0o777, time), target } as const;
}

function owned(mode: number, mtime: Timestamp) {
  return { mode, uid: 0, gid: 0, mtime };
}
