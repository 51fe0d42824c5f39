import { closeSync, openSync, readSync } from "node:fs";
import { MkimageError } from "../errors.ts";
import type { Bytes } from "../layout/units.ts";
import { type ByteString, openable, textOf } from "../manifest/byte-string.ts";
import type { ExtentSource } from "./extent.ts";
import { fillFrom } from "./made-source.ts";

type FileSource = Extract<ExtentSource, { kind: "file" }>;

/** A place in a buffer that has at least one more byte behind it. */
export interface Target {
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly length: number;
}

/**
 * Reads the bytes of extents. Calls are synchronous: for tens of thousands of small files that is several times faster
 * than promises. The last file stays open, since long files are read in many pieces.
 */
export class SourceReader implements Disposable {
  #path: ByteString | undefined;
  #descriptor = -1;

  /**
   * Fills the target with what the source holds from `skip` on.
   *
   * @throws MkimageError SOURCE_CHANGED when a file is gone, unreadable, or shorter than it was when it was planned; longer,
   * where the source says how long it was.
   */
  read(source: ExtentSource, skip: Bytes, target: Target): void {
    if (source.kind === "file") this.#readFile(source, skip, target);
    else fillFrom(source, skip, memoryOf(target));
  }

  [Symbol.dispose](): void {
    if (this.#path !== undefined) closeSync(this.#descriptor);
    this.#path = undefined;
  }

  #readFile(source: FileSource, skip: Bytes, { buffer, start, length }: Target): void {
    this.#open(source.path);
    const position = (source.position ?? 0) + skip;
    // At the end of the file one byte more is asked for: it costs nothing, and tells that the file has grown.
    const wanted = position + length === source.fileSize ? length + 1 : length;
    let done = 0;
    while (done < length) {
      const count = this.#readPiece(source.path, buffer, start + done, wanted - done, position + done);
      if (count === 0) throw changed(source.path, `it ends at byte ${position + done}`);
      done += count;
    }
    if (done > length) throw changed(source.path, `it has more than ${source.fileSize} bytes`);
  }

  #open(path: ByteString): void {
    if (this.#path === path) return;
    this[Symbol.dispose]();
    try {
      this.#descriptor = openSync(openable(path), "r");
    } catch (error) {
      throw changed(path, reasonOf(error), error);
    }
    this.#path = path;
  }

  #readPiece(path: ByteString, buffer: Uint8Array, start: number, length: number, position: Bytes): number {
    try {
      return readSync(this.#descriptor, buffer, start, length, position);
    } catch (error) {
      throw changed(path, reasonOf(error), error);
    }
  }
}

function memoryOf({ buffer, start, length }: Target): Buffer {
  return Buffer.from(buffer.buffer, buffer.byteOffset + start, length);
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" ? "it is gone" : `it cannot be read (${code ?? String(error)})`;
}

function changed(path: ByteString, how: string, cause?: unknown): MkimageError {
  return new MkimageError("SOURCE_CHANGED", `${textOf(path)} is not what it was when the image was planned: ${how}`, {
    hint: "build again while nothing writes to the sources",
    cause,
  });
}
