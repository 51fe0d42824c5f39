import { closeSync, fstatSync, readSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import type { FileSource } from "../image/extent.ts";
import { openSource } from "../image/open-source.ts";
import { type Bytes, KiB } from "../base/units.ts";
import { naming } from "../runtime/naming.ts";
import { type ByteString, textOf } from "../base/byte-string.ts";
import { statusOf } from "../runtime/file-identity.ts";

/** Reads small pieces of a large file, through a window so that neighbours cost nothing. */
export class BlockReader implements Disposable {
  readonly path: ByteString;
  readonly size: Bytes;
  /** The file that is read here, for those who come back to it. */
  readonly source: FileSource;
  readonly #file: number;
  readonly #window = Buffer.alloc(256 * KiB);
  #start = 0;
  #length = 0;

  constructor(path: ByteString) {
    this.path = path;
    this.#file = openSource({ kind: "file", path });
    this.size = fstatSync(this.#file).size;
    const { inode, stamp } = statusOf(this.#file);
    this.source = { kind: "file", path, inode, stamp };
  }

  /**
   * The bytes at a position, valid until the next call.
   *
   * @throws MkimageError BAD_REQUEST when the file ends before.
   */
  read(position: number, length: number): Buffer {
    if (length > this.#window.length) return this.#readApart(position, length);
    if (position < this.#start || position + length > this.#start + this.#length) this.#fill(position);
    if (position + length > this.#start + this.#length) throw this.#cutOff();
    return this.#window.subarray(position - this.#start, position - this.#start + length);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #fill(position: number): void {
    this.#start = position;
    this.#length = naming(textOf(this.path), () =>
      readSync(this.#file, this.#window, 0, this.#window.length, position),
    );
  }

  #readApart(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    if (naming(textOf(this.path), () => readSync(this.#file, bytes, 0, length, position)) < length)
      throw this.#cutOff();
    return bytes;
  }

  #cutOff(): MkimageError {
    return new MkimageError("BAD_REQUEST", `${textOf(this.path)} is cut off: it ends within an entry`);
  }
}
