import { fstatSync, readSync, realpathSync } from "node:fs";
import { type ByteString, openable, textOf } from "../base/byte-string.ts";
import type { Bytes } from "../base/units.ts";
import { named } from "../runtime/naming.ts";
import { seek } from "../runtime/seek.ts";
import type { StoredDisk } from "./disk-bytes.ts";
import type { FileSource } from "./extent.ts";

/** A disk in an open raw file. */
export class RawDisk implements StoredDisk {
  readonly #descriptor: number;
  readonly #path: ByteString;

  constructor(descriptor: number, path: ByteString) {
    this.#descriptor = descriptor;
    this.#path = path;
  }

  get storedBytes(): Bytes {
    return fstatSync(this.#descriptor).blocks * 512;
  }

  seek(position: Bytes, what: "data" | "hole"): Bytes | undefined {
    return seek(this.#descriptor, position, what);
  }

  read(position: Bytes, length: Bytes): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    let done = 0;
    for (let count = -1; done < length && count !== 0; done += count)
      count = this.#readSome(bytes, done, position + done);
    return bytes.subarray(0, done);
  }

  sourceAt(position: Bytes): FileSource {
    return { kind: "file", path: this.#path, position };
  }

  #readSome(bytes: Buffer, at: number, position: Bytes): number {
    try {
      return readSync(this.#descriptor, bytes, at, bytes.length - at, position);
    } catch (error) {
      // It may be a link of ours to the image.
      throw named(textOf(realpathSync(openable(this.#path), "latin1")), error);
    }
  }
}
