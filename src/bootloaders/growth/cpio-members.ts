/** A file of an archive; the bytes of a symlink are its target. */
export interface ArchiveMember {
  /** With no leading slash or dot. */
  readonly path: string;
  readonly type: "file" | "folder" | "symlink" | "other";
  /** Empty for a file that is larger than any that is looked into. */
  readonly bytes: Uint8Array;
}

const headerLength = 110;
const types = { 0o100000: "file", 0o040000: "folder", 0o120000: "symlink" } as const;
/** As Linux: a longer name, or target of a link, is none. */
const longestName = 4096;
/** Configuration is smaller; of scripts there are larger ones. */
const largestKept = 64 * 1024;
const largestScript = 1024 * 1024;
/** All that is kept together. */
const mostKept = 64 * 1024 * 1024;
const mostMembers = 500_000;

const magics: readonly string[] = ["070701", "070702"];

/** Whether an archive of the kind that the kernel unpacks begins here. */
export function isArchive(bytes: Uint8Array): boolean {
  return magics.includes(latin1(bytes.subarray(0, 6)));
}

interface Header {
  readonly mode: number;
  readonly size: number;
  readonly nameLength: number;
}

/**
 * Reads archives one after another, with zeros between them, from pieces of any size. Of files, only the small ones are
 * kept. Where two members have the same path the later one counts.
 *
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst (newc).
 */
export class ArchiveReader {
  readonly members = new Map<string, ArchiveMember>();
  /** Why nothing more is read. */
  fault: string | null = null;
  /** Bytes that were given and not used yet. */
  #rest = Buffer.alloc(0);
  /** How many bytes that come next belong to a file that is not kept, or fill up the one before. */
  #skip = 0;
  #kept = 0;
  #isInside = false;

  /** Whether what comes next could be something else than an archive, and all before it was whole. */
  get isBetween(): boolean {
    return this.fault === null && !this.#isInside;
  }

  /** Whether what comes next is no archive, so that nothing that is added will be used. */
  get isStuck(): boolean {
    return this.isBetween && this.#rest.length >= headerLength;
  }

  /** Gives away what was added last and belongs to no archive. */
  takeRest(): Uint8Array {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest;
  }

  /** Takes what belongs to archives. */
  add(piece: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#rest, piece]);
    while (this.fault === null && this.#step());
  }

  /** Whether something was used, so that more may be. */
  #step(): boolean {
    if (this.#skip > 0) return this.#drop(Math.min(this.#skip, this.#rest.length));
    if (!this.#isInside) this.#drop(zerosOf(this.#rest));
    if (this.#rest.length < headerLength) return false;
    if (!isArchive(this.#rest)) return this.#end();
    const header = headerOf(this.#rest);
    if (header === undefined) return this.#fail("an archive in it is damaged");
    return this.#readMember(header);
  }

  #readMember({ mode, size, nameLength }: Header): boolean {
    const dataStart = padded(headerLength + nameLength);
    const type = types[(mode & 0o170000) as keyof typeof types] ?? "other";
    if (this.#rest.length < dataStart + Math.min(size, 2)) return false;
    const isKept = this.#kept + size <= mostKept && size <= this.#largest(type, dataStart);
    if (this.#rest.length < dataStart + (isKept ? size : 0)) return false;
    const name = latin1(this.#rest.subarray(headerLength, headerLength + nameLength - 1));
    const bytes = isKept ? Uint8Array.prototype.slice.call(this.#rest, dataStart, dataStart + size) : new Uint8Array();
    this.#skip = padded(dataStart + size);
    this.#isInside = name !== "TRAILER!!!";
    if (!this.#isInside) return this.#drop(Math.min(this.#skip, this.#rest.length));
    this.#kept += bytes.length;
    if (this.members.size >= mostMembers) return this.#fail("it has more files than any has");
    this.members.set(withoutPrefix(name), { path: withoutPrefix(name), type, bytes });
    return true;
  }

  #largest(type: ArchiveMember["type"], dataStart: number): number {
    if (type === "symlink") return longestName;
    return latin1(this.#rest.subarray(dataStart, dataStart + 2)) === "#!" ? largestScript : largestKept;
  }

  #drop(count: number): boolean {
    this.#rest = this.#rest.subarray(count);
    this.#skip = Math.max(0, this.#skip - count);
    return count > 0;
  }

  /** Behind a whole archive something else may come. */
  #end(): boolean {
    return this.#isInside ? this.#fail("an archive in it ends early") : false;
  }

  #fail(why: string): boolean {
    this.fault = why;
    return false;
  }
}

/** `undefined` where a number is none, or the name longer than names are. */
function headerOf(bytes: Buffer): Header | undefined {
  const [mode, size, nameLength] = [1, 6, 11].map((index) =>
    numberOf(latin1(bytes.subarray(6 + index * 8, 14 + index * 8))),
  );
  if (mode === undefined || size === undefined || nameLength === undefined) return undefined;
  return nameLength < 1 || nameLength > longestName ? undefined : { mode, size, nameLength };
}

function numberOf(text: string): number | undefined {
  return /^[0-9a-f]{8}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
}

/** `./bin/sh`, `/bin/sh` and `bin/sh` are the same file to the kernel. */
function withoutPrefix(name: string): string {
  return name.replace(/^(\.?\/)+/, "");
}

function zerosOf(bytes: Uint8Array): number {
  const count = bytes.findIndex((byte) => byte !== 0);
  return count === -1 ? bytes.length : count;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
