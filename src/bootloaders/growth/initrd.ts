import { posix } from "node:path";
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from "node:zlib";
import { MkimageError } from "../../base/errors.ts";
import { throwIfAborted } from "../../image/image.ts";
import { GiB, KiB, MiB } from "../../base/units.ts";
import { run } from "../../runtime/run.ts";
import { type ArchiveMember, ArchiveReader, isArchive } from "./cpio-members.ts";

/** The files that the kernel unpacks before it starts the initrd's `init`. */
export interface Initrd {
  readonly members: ReadonlyMap<string, ArchiveMember>;
  /** The reason why not all of it could be read; `null` when all of it was. */
  readonly fault: string | null;
}

export interface InitrdOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The limits of the unpacked size of a compressed archive; firmware and modules shrink to a third. */
const mostUnpacked = GiB;
const leastRatio = 16;
const unpackedOfAny = 64 * MiB;

/**
 * Reads an initrd: archives one after another, of which the last may be compressed (gzip, zstd, xz, lzma, bzip2). Where
 * two have the same file the later one counts. Nothing is unpacked that is not looked at.
 *
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
 *
 * @throws MkimageError INTERRUPTED.
 */
export async function readInitrd(bytes: Uint8Array, options: InitrdOptions = {}): Promise<Initrd> {
  const reader = new ArchiveReader();
  reader.add(bytes);
  const fault = reader.fault ?? (reader.isBetween ? await readCompressed(reader, options) : endsEarly);
  return { members: reader.members, fault };
}

const endsEarly = "an archive in it ends early";

/** Reads the compressed archive, which reaches to the end of the file. Returns the reason why not all of it was read. */
async function readCompressed(outer: ArchiveReader, options: InitrdOptions): Promise<string | null> {
  const bytes = outer.takeRest();
  if (bytes.length === 0) return null;
  const start = Buffer.from(bytes.subarray(0, 6)).toString("hex");
  const unpack = unpackers.find(([magic]) => start.startsWith(magic))?.[1];
  if (unpack === undefined) return `it is compressed in a way that is not known here (its first bytes are ${start})`;
  const most = Math.min(mostUnpacked, unpackedOfAny + leastRatio * bytes.length);
  let unpacked = 0;
  const take = (piece: Uint8Array): boolean => {
    unpacked += piece.length;
    if (unpacked <= most) outer.add(piece);
    return unpacked <= most && outer.fault === null && !outer.isStuck;
  };
  try {
    await unpack(bytes, take, options);
  } catch (error) {
    if (error instanceof MkimageError && error.code === "INTERRUPTED") throw error;
    return `it cannot be decompressed: ${(error as Error).message}`;
  }
  if (unpacked > most) return `it unpacks to more than ${most} bytes`;
  const rest = outer.takeRest();
  if (outer.isBetween && rest.length > 0)
    return isArchive(rest) ? endsEarly : "what is compressed in it is no cpio archive";
  return outer.fault ?? (outer.isBetween ? null : endsEarly);
}

/** Of a path; far more than any in an initrd has. */
const mostNames = 128;

/** The member at a path, symlinks followed within the initrd; `undefined` where there is none. */
export function memberAt({ members }: Initrd, path: string, links = 20): ArchiveMember | undefined {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.length > mostNames) return undefined;
  for (let count = 1; count <= names.length; count++) {
    const member = members.get(names.slice(0, count).join("/"));
    if (member?.type !== "symlink") continue;
    if (links === 0) return undefined;
    const target = posix.resolve("/", ...names.slice(0, count - 1), Buffer.from(member.bytes).toString("latin1"));
    return memberAt({ members, fault: null }, posix.join(target, ...names.slice(count)), links - 1);
  }
  return members.get(names.join("/"));
}

const mostInFolder = 100;

/** Returns the members of a folder, at most 100, with symlinks followed within the initrd. */
export function membersIn(initrd: Initrd, folder: string): ArchiveMember[] {
  const path = memberAt(initrd, folder)?.path;
  const inside = [...initrd.members.keys()].filter((name) => posix.dirname(name) === path);
  return inside.slice(0, mostInFolder).flatMap((name) => memberAt(initrd, name) ?? []);
}

/** Whether the initrd has a program of this name, in any `bin` or `sbin`. */
export function hasProgram({ members }: Initrd, name: string): boolean {
  return [...members.values()].some(({ path, type }) => {
    return type !== "folder" && ["bin", "sbin"].some((folder) => `/${path}`.endsWith(`/${folder}/${name}`));
  });
}

/** Gives what some bytes unpack to in pieces, until `take` wants no more. */
type Unpacker = (bytes: Uint8Array, take: (piece: Uint8Array) => boolean, options: InitrdOptions) => Promise<void>;

const unpackers: readonly (readonly [magic: string, unpack: Unpacker])[] = [
  ["1f8b", (bytes, take, options) => unpackBy(createGunzip({ chunkSize }), bytes, take, options)],
  ["28b52ffd", (bytes, take, options) => unpackBy(createZstdDecompress({ chunkSize }), bytes, take, options)],
  ["fd377a585a00", (bytes, take, options) => unpackWith("xz", ["-dc", mostMemory], bytes, take, options)],
  ["5d0000", (bytes, take, options) => unpackWith("xz", ["-dc", mostMemory], bytes, take, options)],
  ["425a68", (bytes, take, options) => unpackWith("bzip2", ["-dc"], bytes, take, options)],
];

const chunkSize = 256 * KiB;
/** The kernel's own unpacker needs as much as the dictionary is long: 64 MiB at xz's highest level. */
const mostMemory = "--memlimit-decompress=256MiB";

async function unpackBy(
  stream: Gunzip | ZstdDecompress,
  bytes: Uint8Array,
  take: (piece: Uint8Array) => boolean,
  { signal }: InitrdOptions,
): Promise<void> {
  stream.end(bytes);
  // Leaving the loop destroys the stream.
  for await (const piece of stream) {
    throwIfAborted(signal);
    if (!take(piece as Uint8Array)) return;
  }
}

async function unpackWith(
  tool: "xz" | "bzip2",
  arguments_: readonly string[],
  bytes: Uint8Array,
  take: (piece: Uint8Array) => boolean,
  { signal }: InitrdOptions,
): Promise<void> {
  const enough = new AbortController();
  const onBytes = (piece: Uint8Array): void => {
    if (!enough.signal.aborted && !take(piece)) enough.abort();
  };
  const either = signal === undefined ? enough.signal : AbortSignal.any([enough.signal, signal]);
  try {
    await run(tool, arguments_, { input: bytes, onBytes, signal: either, deadlineSeconds: 120 });
  } catch (error) {
    throwIfAborted(signal);
    if (!enough.signal.aborted) throw error;
  }
}
