import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DirectoryInode, FileInode, Inode } from "../../../src/manifest/inode.ts";
import { contentExtents } from "../../../src/manifest/content-extents.ts";

const environment = {
  ...process.env,
  TZ: "UTC",
  LC_ALL: "C.UTF-8",
  MTOOLS_SKIP_CHECK: "0",
  PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`,
};

/** Returns the words of dosfstools about a filesystem: throws, with everything they said, unless it is clean. */
export function fsck(image: string): string {
  return command("fsck.vfat", ["-n", "-v", image]);
}

/** Returns the words of mtools. */
export function mtools(name: string, arguments_: readonly string[]): string {
  return command(name, arguments_);
}

/** The files of an image as mtools read them: paths with their bytes, folders with `undefined`. */
export function extract(image: string, folder: string): Map<string, Buffer | undefined> {
  mkdirSync(folder);
  const names = mtools("mdir", ["-b", "-a", "-i", image, "::/"]);
  if (names.trim() !== "") mtools("mcopy", ["-s", "-m", "-n", "-i", image, "::*", folder]);
  return listing(folder);
}

/** The same for a manifest. */
export function expected(root: DirectoryInode, path = ""): Map<string, Buffer | undefined> {
  const result = new Map<string, Buffer | undefined>();
  for (const [name, inode] of root.entries) {
    const child = `${path}/${Buffer.from(name, "latin1").toString("utf8")}`;
    if (inode.type === "file") result.set(child, bytesOfFile(inode));
    if (inode.type !== "directory") continue;
    result.set(child, undefined);
    for (const entry of expected(inode, child)) result.set(...entry);
  }
  return result;
}

/** The paths that are in one of two listings only, or have other bytes. */
export function differences(one: Map<string, Buffer | undefined>, other: Map<string, Buffer | undefined>): string[] {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths].filter((path) => !one.has(path) || !other.has(path) || !isSame(one.get(path), other.get(path)));
}

const attributes = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 1_700_000_000, nanoseconds: 0 } };

export function file(content: string | Uint8Array, seconds = 1_700_000_000): FileInode {
  const bytes = Buffer.from(content);
  const extent = { offset: 0, length: bytes.length, source: { kind: "bytes" as const, bytes } };
  return {
    ...attributes,
    type: "file",
    mtime: { seconds, nanoseconds: 0 },
    size: bytes.length,
    content: bytes.length === 0 ? [] : [extent],
  };
}

/** A folder; names are ordinary text. */
export function directory(entries: Readonly<Record<string, Inode>> = {}): DirectoryInode {
  const names = Object.entries(entries).map(
    ([name, inode]) => [Buffer.from(name, "utf8").toString("latin1"), inode] as const,
  );
  return { ...attributes, type: "directory", mode: 0o755, entries: new Map(names) };
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

function bytesOfFile(inode: FileInode): Buffer {
  const bytes = Buffer.alloc(inode.size);
  for (const { offset, source } of contentExtents(inode)) {
    if (source.kind === "bytes") bytes.set(source.bytes, offset);
  }
  return bytes;
}

function listing(folder: string, path = ""): Map<string, Buffer | undefined> {
  const result = new Map<string, Buffer | undefined>();
  for (const name of readdirSync(join(folder, path))) {
    const child = `${path}/${name}`;
    const isFolder = statSync(join(folder, child)).isDirectory();
    result.set(child, isFolder ? undefined : readFileSync(join(folder, child)));
    if (!isFolder) continue;
    for (const entry of listing(folder, child)) result.set(...entry);
  }
  return result;
}

function command(name: string, arguments_: readonly string[]): string {
  try {
    return execFileSync(name, arguments_, { env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout?: string; stderr?: string; code?: string };
    throw new Error(`${name} ${arguments_.join(" ")}: ${code ?? ""}\n${stdout ?? ""}${stderr ?? ""}`, { cause: error });
  }
}
