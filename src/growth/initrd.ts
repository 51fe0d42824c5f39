import { posix } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { MkimageError } from "../errors.ts";
import { GiB } from "../layout/units.ts";
import { run } from "../process/run.ts";
import { type ArchiveMember, isArchive, readArchive } from "./cpio-members.ts";

/** What the kernel unpacks before it starts the initrd's `init`. */
export interface Initrd {
  readonly members: ReadonlyMap<string, ArchiveMember>;
  /** Why not all of it could be read; `null` when it was. */
  readonly fault: string | null;
}

export interface InitrdOptions {
  readonly signal?: AbortSignal | undefined;
}

/** An initrd that unpacks to more than this is not looked at. */
const unpackedLimit = GiB;

/**
 * Reads an initrd: archives one after another, as they are or compressed (gzip, zstd, xz, lzma, bzip2). Where two have
 * the same file the later one counts.
 *
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
 *
 * @throws MkimageError INTERRUPTED.
 */
export async function readInitrd(bytes: Uint8Array, options: InitrdOptions = {}): Promise<Initrd> {
  const members = new Map<string, ArchiveMember>();
  for (let rest = skipZeros(bytes); rest.length > 0; rest = skipZeros(rest)) {
    if (isArchive(rest)) {
      const { members: found, length, isWhole } = readArchive(rest);
      for (const member of found) members.set(member.path, member);
      if (!isWhole) return { members, fault: "an archive in it ends early" };
      rest = rest.subarray(length);
    } else {
      const unpacked = await unpack(rest, options);
      if (typeof unpacked === "string") return { members, fault: unpacked };
      if (!isArchive(unpacked)) return { members, fault: "what is compressed in it is no cpio archive" };
      rest = unpacked;
    }
  }
  return { members, fault: null };
}

/** The member at a path, symlinks followed within the initrd; `undefined` where there is none. */
export function memberAt({ members }: Initrd, path: string, links = 20): ArchiveMember | undefined {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  for (let count = 1; count <= names.length; count++) {
    const member = members.get(names.slice(0, count).join("/"));
    if (member?.type !== "symlink") continue;
    if (links === 0) return undefined;
    const target = posix.resolve("/", ...names.slice(0, count - 1), Buffer.from(member.bytes).toString("latin1"));
    return memberAt({ members, fault: null }, posix.join(target, ...names.slice(count)), links - 1);
  }
  return members.get(names.join("/"));
}

/** What lies in a folder, symlinks followed within the initrd. */
export function membersIn(initrd: Initrd, folder: string): ArchiveMember[] {
  const path = memberAt(initrd, folder)?.path;
  const inside = [...initrd.members.keys()].filter((name) => posix.dirname(name) === path);
  return inside.flatMap((name) => memberAt(initrd, name) ?? []);
}

/** Whether the initrd has a program of this name, in any `bin` or `sbin`. */
export function hasProgram({ members }: Initrd, name: string): boolean {
  return [...members.values()].some(({ path, type }) => {
    return type !== "folder" && new RegExp(`(^|/)s?bin/${name.replaceAll(".", "\\.")}$`).test(path);
  });
}

type Unpacker = (bytes: Uint8Array, options: InitrdOptions) => Uint8Array | Promise<Uint8Array>;

const unpackers: readonly (readonly [magic: string, unpack: Unpacker])[] = [
  ["1f8b", (bytes) => gunzipSync(bytes, { maxOutputLength: unpackedLimit })],
  ["28b52ffd", (bytes) => zstdDecompressSync(bytes, { maxOutputLength: unpackedLimit })],
  ["fd377a585a00", (bytes, options) => unpackWith("xz", bytes, options)],
  ["5d0000", (bytes, options) => unpackWith("xz", bytes, options)],
  ["425a68", (bytes, options) => unpackWith("bzip2", bytes, options)],
];

/** What is compressed reaches to the end of the file. A text says why it cannot be unpacked. */
async function unpack(bytes: Uint8Array, options: InitrdOptions): Promise<Uint8Array | string> {
  const start = Buffer.from(bytes.subarray(0, 6)).toString("hex");
  const unpacker = unpackers.find(([magic]) => start.startsWith(magic))?.[1];
  if (unpacker === undefined) return `it is compressed in a way that is not known here (its first bytes are ${start})`;
  try {
    return await unpacker(bytes, options);
  } catch (error) {
    if (error instanceof MkimageError && error.code === "INTERRUPTED") throw error;
    return `it cannot be decompressed: ${(error as Error).message}`;
  }
}

async function unpackWith(tool: "xz" | "bzip2", bytes: Uint8Array, { signal }: InitrdOptions): Promise<Uint8Array> {
  const { stdout } = await run(tool, ["-dc"], { input: bytes, encoding: "latin1", signal, deadlineSeconds: 120 });
  return Buffer.from(stdout, "latin1");
}

/** Archives are filled up with zeros to any length. */
function skipZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(start === -1 ? bytes.length : start);
}
