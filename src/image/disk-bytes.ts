import { fstatSync, readSync, realpathSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import { seek } from "../runtime/seek.ts";
import { type Bytes, KiB, MiB } from "../base/units.ts";
import { type ByteString, openable, textOf } from "../base/byte-string.ts";
import { named } from "../runtime/naming.ts";

/** No structure of a disk is longer; a longer read could only be what damage or malice asks for. */
const longestRead = 64 * MiB;
const pageSize = 64 * KiB;
const mostPages = 512;

/** An open raw file, with the pages of it that were looked at last. */
class Source {
  readonly #descriptor: number;
  readonly #path: ByteString;
  readonly #pages = new Map<number, Buffer>();

  constructor(descriptor: number, path: ByteString) {
    this.#descriptor = descriptor;
    this.#path = path;
  }

  /** The bytes that are allocated to the file where it is stored. */
  get storedBytes(): Bytes {
    return fstatSync(this.#descriptor).blocks * 512;
  }

  /** The next place of data or of a hole from `position` on; `undefined` where there is none. */
  seek(position: Bytes, what: "data" | "hole"): Bytes | undefined {
    return seek(this.#descriptor, position, what);
  }

  /** As many bytes as there are. */
  read(position: Bytes, length: Bytes): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    let done = 0;
    for (let count = -1; done < length && count !== 0; done += count)
      count = this.#readSome(bytes, done, position + done);
    return bytes.subarray(0, done);
  }

  #readSome(bytes: Buffer, at: number, position: Bytes): number {
    try {
      return readSync(this.#descriptor, bytes, at, bytes.length - at, position);
    } catch (error) {
      // It may be a link of ours to the image.
      throw named(textOf(realpathSync(openable(this.#path), "latin1")), error);
    }
  }

  page(index: number): Buffer {
    const kept = this.#pages.get(index);
    if (kept !== undefined) return kept;
    const page = this.read(index * pageSize, pageSize);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size >= mostPages && oldest !== undefined) this.#pages.delete(oldest);
    this.#pages.set(index, page);
    return page;
  }
}

/**
 * The bytes of a raw image, or of a part of one. Calls are synchronous, since whoever follows a filesystem's structures
 * makes hundreds of thousands of small ones.
 */
export class DiskBytes {
  /** The file that the bytes are in, for extents. */
  readonly path: ByteString;
  /** Where this part begins in the file. */
  readonly start: Bytes;
  readonly size: Bytes;
  readonly #source: Source;

  constructor(source: Source | number, path: ByteString, start: Bytes, size: Bytes) {
    this.#source = typeof source === "number" ? new Source(source, path) : source;
    this.path = path;
    this.start = start;
    this.size = size;
  }

  /**
   * The size that bounds the cost of reading it, since a file of some kilobytes can claim to hold terabytes: four times
   * the allocated bytes, and at least 16 MiB, since the filesystem that it is on may compress.
   */
  get realSize(): Bytes {
    return Math.min(this.size, Math.max(16 * MiB, 4 * this.#source.storedBytes));
  }

  /** Where from here on bytes stand that are no hole; the end where none do. */
  nextData(offset: Bytes): Bytes {
    return this.#next(offset, "data");
  }

  /** Where from here on a hole begins; the end where none does. */
  nextHole(offset: Bytes): Bytes {
    return this.#next(offset, "hole");
  }

  #next(offset: Bytes, what: "data" | "hole"): Bytes {
    const end = Math.max(offset, this.size);
    const found = this.#source.seek(this.start + offset, what);
    return found === undefined ? end : Math.min(found - this.start, end);
  }

  /** A part of these bytes, which must not lie inside them as a whole: a table may claim more than there is. */
  part(offset: Bytes, size: Bytes): DiskBytes {
    return new DiskBytes(this.#source, this.path, this.start + offset, Math.max(0, size));
  }

  /**
   * Reads exactly so many bytes.
   *
   * @throws MkimageError BAD_IMAGE when they are not all there: the image is cut off, or a structure points outside.
   */
  read(offset: Bytes, length: Bytes): Buffer {
    this.#requireInside(offset, length);
    const bytes = this.#source.read(this.start + offset, length);
    if (bytes.length < length)
      throw new MkimageError("BAD_IMAGE", `the image ends at byte ${this.start + offset + bytes.length}`);
    return bytes;
  }

  /** As `read`, for what is small and stands beside what was just read. The bytes must be left as they are. */
  peek(offset: Bytes, length: Bytes): Buffer {
    this.#requireInside(offset, length);
    const position = this.start + offset;
    const index = Math.floor(position / pageSize);
    const from = position - index * pageSize;
    if (from + length > pageSize) return this.read(offset, length);
    const bytes = this.#source.page(index).subarray(from, from + length);
    return bytes.length === length ? bytes : this.read(offset, length);
  }

  #requireInside(offset: Bytes, length: Bytes): void {
    if (offset < 0 || length < 0 || !(offset + length <= this.size)) throw outside(offset, length, this.size);
    if (length > longestRead)
      throw new MkimageError("BAD_IMAGE", `${length} bytes in one piece are more than any structure has`);
  }
}

function outside(offset: Bytes, length: Bytes, size: Bytes): MkimageError {
  return new MkimageError("BAD_IMAGE", `bytes ${offset} to ${offset + length} are outside of its ${size} bytes`);
}
