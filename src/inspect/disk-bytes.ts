import { readSync } from "node:fs";
import { MkimageError } from "../errors.ts";
import type { Bytes } from "../layout/units.ts";
import type { ByteString } from "../manifest/byte-string.ts";

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
  readonly #descriptor: number;

  constructor(descriptor: number, path: ByteString, start: Bytes, size: Bytes) {
    this.#descriptor = descriptor;
    this.path = path;
    this.start = start;
    this.size = size;
  }

  /** A part of these bytes, which must not lie inside them as a whole: a table may claim more than there is. */
  part(offset: Bytes, size: Bytes): DiskBytes {
    return new DiskBytes(this.#descriptor, this.path, this.start + offset, Math.max(0, size));
  }

  /**
   * Reads exactly so many bytes.
   *
   * @throws MkimageError BAD_IMAGE when they are not all there: the image is cut off, or a structure points outside.
   */
  read(offset: Bytes, length: Bytes): Buffer {
    if (offset < 0 || length < 0 || !(offset + length <= this.size)) throw outside(offset, length, this.size);
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const count = readSync(this.#descriptor, bytes, done, length - done, this.start + offset + done);
      if (count === 0) throw new MkimageError("BAD_IMAGE", `the image ends at byte ${this.start + offset + done}`);
      done += count;
    }
    return bytes;
  }
}

function outside(offset: Bytes, length: Bytes, size: Bytes): MkimageError {
  return new MkimageError("BAD_IMAGE", `bytes ${offset} to ${offset + length} are outside of its ${size} bytes`);
}
