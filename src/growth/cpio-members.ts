/** A file of an archive; the bytes of a symlink are its target. */
export interface ArchiveMember {
  /** With no leading slash or dot. */
  readonly path: string;
  readonly type: "file" | "folder" | "symlink" | "other";
  readonly bytes: Uint8Array;
}

const headerLength = 110;
const types = { 0o100000: "file", 0o040000: "folder", 0o120000: "symlink" } as const;

export interface Archive {
  readonly members: readonly ArchiveMember[];
  readonly length: number;
  readonly isWhole: boolean;
}

/** Whether an archive of the kind that the kernel unpacks begins here. */
export function isArchive(bytes: Uint8Array): boolean {
  return ["070701", "070702"].includes(textOf(bytes.subarray(0, 6)));
}

/**
 * The members of the archive at the start of some bytes, and the length of that archive in bytes. One that is cut off
 * or damaged is not whole, and ends with the last member that is.
 *
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst (newc).
 */
export function readArchive(bytes: Uint8Array): Archive {
  const members: ArchiveMember[] = [];
  let offset = 0;
  for (;;) {
    const rest = bytes.subarray(offset);
    if (!isArchive(rest)) return { members, length: offset, isWhole: false };
    const { name, mode, dataStart, size } = readHeader(rest);
    const end = padded(dataStart + size);
    if (name === "TRAILER!!!") return { members, length: Math.min(offset + end, bytes.length), isWhole: true };
    if (dataStart + size > rest.length) return { members, length: offset, isWhole: false };
    const type = types[(mode & 0o170000) as keyof typeof types] ?? "other";
    members.push({ path: withoutPrefix(name), type, bytes: rest.subarray(dataStart, dataStart + size) });
    offset += end;
  }
}

function readHeader(bytes: Uint8Array) {
  const field = (index: number) => Number.parseInt(textOf(bytes.subarray(6 + index * 8, 14 + index * 8)), 16) || 0;
  const [mode, size, nameLength] = [field(1), field(6), field(11)];
  const name = textOf(bytes.subarray(headerLength, headerLength + Math.max(0, nameLength - 1)));
  return { name, mode, size, dataStart: padded(headerLength + nameLength) };
}

/** `./bin/sh`, `/bin/sh` and `bin/sh` are the same file to the kernel. */
function withoutPrefix(name: string): string {
  return name.replace(/^(\.?\/)+/, "");
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
