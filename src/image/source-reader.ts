import { closeSync, readSync } from "node:fs";
import type { Bytes } from "../base/units.ts";
import type { ByteString } from "../base/byte-string.ts";
import type { ExtentSource, FileSource } from "./extent.ts";
import { fillFrom } from "./made-source.ts";
import { openSource, reasonOf, requirePlanned, sourceChanged } from "./open-source.ts";

/** A place in a buffer that has at least one more byte behind it. */
interface Target {
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly length: number;
}

/**
 * Reads the bytes of extents. Calls are synchronous: for tens of thousands of small files that is several times faster
 * than promises. The last file stays open, since long files are read in many pieces.
 */
export class SourceReader implements Disposable {
  #source: FileSource | undefined;
  #descriptor = -1;

  /**
   * Fills the target with what the source holds from `skip` on.
   *
   * @throws MkimageError SOURCE_CHANGED when a file is gone, unreadable, shorter than it was when it was planned, or another
   * than the source says.
   */
  read(source: ExtentSource, skip: Bytes, target: Target): void {
    if (source.kind !== "file") return fillFrom(source, skip, memoryOf(target));
    try {
      this.#readFile(source, skip, target);
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  /** The open file of a source, which stays open until another one is asked for. Throws as `read`. */
  open(source: FileSource): number {
    try {
      this.#open(source);
      return this.#descriptor;
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  /** Throws as `read`: what was written to a file while it was read may be in the image by half. */
  [Symbol.dispose](): void {
    try {
      this.#requireUnchanged();
    } finally {
      this.#drop();
    }
  }

  #readFile(source: FileSource, skip: Bytes, { buffer, start, length }: Target): void {
    this.#open(source);
    const position = (source.position ?? 0) + skip;
    // At the end of the file one byte more is asked for: it costs nothing, and tells that the file has grown.
    const wanted = position + length === source.fileSize ? length + 1 : length;
    let done = 0;
    while (done < length) {
      const count = this.#readPiece(source.path, buffer, start + done, wanted - done, position + done);
      if (count === 0) throw sourceChanged(source.path, `it ends at byte ${position + done}`);
      done += count;
    }
    if (done > length) throw sourceChanged(source.path, `it has more than ${source.fileSize} bytes`);
  }

  #open(source: FileSource): void {
    if (this.#source?.path === source.path) return;
    this.#requireUnchanged();
    this.#drop();
    this.#descriptor = openSource(source);
    this.#source = source;
  }

  #requireUnchanged(): void {
    if (this.#source !== undefined) requirePlanned(this.#source, this.#descriptor);
  }

  #drop(): void {
    if (this.#source !== undefined) closeSync(this.#descriptor);
    this.#source = undefined;
  }

  #readPiece(path: ByteString, buffer: Uint8Array, start: number, length: number, position: Bytes): number {
    try {
      return readSync(this.#descriptor, buffer, start, length, position);
    } catch (error) {
      throw sourceChanged(path, reasonOf(error), error);
    }
  }
}

function memoryOf({ buffer, start, length }: Target): Buffer {
  return Buffer.from(buffer.buffer, buffer.byteOffset + start, length);
}
