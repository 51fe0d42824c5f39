import { MkimageError } from "../base/errors.ts";
import { Recent } from "../base/recent.ts";
import { type Bytes, KiB, MiB } from "../base/units.ts";
import type { ExtentSource } from "./extent.ts";
import { realSizeOf } from "./real-size.ts";

/** No structure of a disk is longer; a longer read could only be what damage or malice asks for. */
const longestRead = 64 * MiB;
const pageSize = 64 * KiB;
const mostPages = 512;

/** A disk, wherever its bytes are stored. Calls are synchronous. */
export interface StoredDisk {
  /** The bytes that are stored of it. */
  readonly storedBytes: Bytes;
  /** The next place of data or of a hole from `position` on; `undefined` where there is none. */
  seek(position: Bytes, what: "data" | "hole"): Bytes | undefined;
  /** As many bytes as there are. Throws MkimageError BAD_IMAGE where they are damaged. */
  read(position: Bytes, length: Bytes): Buffer;
  /** The source of an extent that begins here. */
  sourceAt(position: Bytes): ExtentSource;
}

/** A disk with the pages of it that were looked at last. */
class Pages {
  readonly disk: StoredDisk;
  readonly #kept = new Recent<number, Buffer>(mostPages);

  constructor(disk: StoredDisk) {
    this.disk = disk;
  }

  page(index: number): Buffer {
    return this.#kept.get(index) ?? this.#kept.keep(index, this.disk.read(index * pageSize, pageSize));
  }
}

/**
 * The bytes of a disk, or of a part of one. Calls are synchronous, since whoever follows a filesystem's structures
 * makes hundreds of thousands of small ones.
 */
export class DiskBytes {
  /** Where this part begins on the disk. */
  readonly start: Bytes;
  readonly size: Bytes;
  readonly #pages: Pages;

  constructor(disk: StoredDisk | Pages, start: Bytes, size: Bytes) {
    this.#pages = disk instanceof Pages ? disk : new Pages(disk);
    this.start = start;
    this.size = size;
  }

  /** The size that bounds the cost of reading it. */
  get realSize(): Bytes {
    return realSizeOf(this.size, this.storedBytes);
  }

  /** Where from here on bytes stand that are no hole; the end where none do. */
  nextData(offset: Bytes): Bytes {
    return this.#next(offset, "data");
  }

  /** Where from here on a hole begins; the end where none does. */
  nextHole(offset: Bytes): Bytes {
    return this.#next(offset, "hole");
  }

  /** The bytes of this part's disk that are stored. */
  get storedBytes(): Bytes {
    return this.#pages.disk.storedBytes;
  }

  #next(offset: Bytes, what: "data" | "hole"): Bytes {
    const end = Math.max(offset, this.size);
    const found = this.#pages.disk.seek(this.start + offset, what);
    return found === undefined ? end : Math.min(found - this.start, end);
  }

  /** A part of these bytes, which must not lie inside them as a whole: a table may claim more than there is. */
  part(offset: Bytes, size: Bytes): DiskBytes {
    return new DiskBytes(this.#pages, this.start + offset, Math.max(0, size));
  }

  /**
   * Reads exactly so many bytes.
   *
   * @throws MkimageError BAD_IMAGE when they are not all there: the image is cut off, or a structure points outside.
   */
  read(offset: Bytes, length: Bytes): Buffer {
    this.#requireInside(offset, length);
    const bytes = this.#pages.disk.read(this.start + offset, length);
    if (bytes.length < length)
      throw new MkimageError("BAD_IMAGE", `the image ends at byte ${this.start + offset + bytes.length}`);
    return bytes;
  }

  /** The source of an extent that begins here. */
  sourceAt(offset: Bytes): ExtentSource {
    return this.#pages.disk.sourceAt(this.start + offset);
  }

  /** As `read`, for what is small and stands beside what was just read. The bytes must be left as they are. */
  peek(offset: Bytes, length: Bytes): Buffer {
    this.#requireInside(offset, length);
    const position = this.start + offset;
    const index = Math.floor(position / pageSize);
    const from = position - index * pageSize;
    if (from + length > pageSize) return this.read(offset, length);
    const bytes = this.#pages.page(index).subarray(from, from + length);
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
