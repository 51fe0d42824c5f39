import { bytesOf, type ByteString } from "../base/byte-string.ts";

/** One entry of an archive; its folder comes before it. */
export interface ArchiveEntry {
  /** Relative, with no leading slash. */
  readonly path: ByteString;
  readonly type: "file" | "directory" | "symlink";
  /** The 12 permission bits. */
  readonly mode: number;
  /** The contents of a file, or the target of a symlink. */
  readonly bytes?: Uint8Array;
}

const typeBits: Readonly<Record<ArchiveEntry["type"], number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
};

/**
 * An archive that the kernel unpacks as an initrd: owners root, times 0, folders made where no entry names them. Several
 * archives may follow one another in one file.
 *
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst (newc).
 */
export function cpioArchive(entries: readonly ArchiveEntry[]): Buffer {
  const pieces = withFolders(entries).flatMap((entry, index) => member(entry, index + 1));
  return Buffer.concat([...pieces, ...member({ path: "TRAILER!!!", type: "file", mode: 0 }, 0)]);
}

function withFolders(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  const known = new Set<ByteString>();
  return entries.flatMap((entry) => {
    const folders = parents(entry.path).filter((path) => !known.has(path));
    for (const path of [...folders, entry.path]) known.add(path);
    return [...folders.map((path) => ({ path, type: "directory" as const, mode: 0o755 })), entry];
  });
}

function parents(path: ByteString): ByteString[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function member(entry: ArchiveEntry, inode: number): Buffer[] {
  const name = bytesOf(`${entry.path}\0`);
  const bytes = entry.bytes ?? Buffer.alloc(0);
  const isTrailer = inode === 0;
  const mode = isTrailer ? 0 : typeBits[entry.type] | entry.mode;
  const links = entry.type === "directory" ? 2 : 1;
  const [owner, group, time, device, checksum] = [0, 0, 0, [0, 0, 0, 0], 0];
  const fields = [inode, mode, owner, group, links, time, bytes.length, ...device, name.length, checksum];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
  return [padded(Buffer.concat([Buffer.from(header), name])), padded(bytes)];
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes], Math.ceil(bytes.length / 4) * 4);
}
