import { closeSync, openSync } from "node:fs";
import { byteString } from "../../base/byte-string.ts";
import { MkimageError } from "../../base/errors.ts";
import type { Bytes } from "../../base/units.ts";
import type { StoredDisk } from "../disk-bytes.ts";
import { blockLength, type Extent, type ExtentSource, fileExtent } from "../extent.ts";
import { type OpenedFile, readExactly } from "../read-exactly.ts";
import { type MappedRun, runBehind, seekRuns } from "../runs.ts";

/** A disk whose data stand in its image file as they are, by a map of their places. What is not in the map is zeros. */
export class MappedDisk implements StoredDisk, Disposable {
  readonly size: Bytes;
  readonly #file: OpenedFile;
  readonly #runs: readonly MappedRun[];

  /** @param runs in order, none of them outside of the file. */
  constructor(path: string, size: Bytes, runs: readonly MappedRun[]) {
    this.size = size;
    this.#file = { path, descriptor: openSync(path, "r") };
    this.#runs = runs;
  }

  get storedBytes(): Bytes {
    return this.#runs.reduce((sum, { length }) => sum + length, 0);
  }

  seek(position: Bytes, what: "data" | "hole"): Bytes | undefined {
    return seekRuns(this.#runs, position, what);
  }

  read(position: Bytes, length: Bytes): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - position)));
    this.#fill(position, bytes);
    return bytes;
  }

  /** In blocks, which are read when they are asked for. */
  sourceAt(position: Bytes): ExtentSource {
    return { kind: "blocks", position, write: (index, block) => this.#readBlock(index * blockLength, block) };
  }

  fileExtents(): Extent[] {
    const path = byteString(this.#file.path);
    return this.#runs.map(({ offset, length, position }) => {
      return fileExtent(offset, Math.min(length, this.size - offset), path, position);
    });
  }

  [Symbol.dispose](): void {
    closeSync(this.#file.descriptor);
  }

  #readBlock(position: Bytes, block: Buffer): void {
    if (position >= this.size) throw new MkimageError("BAD_IMAGE", `the image ends at byte ${this.size}`);
    this.#fill(position, block.subarray(0, Math.min(block.length, this.size - position)));
  }

  /** `target` is zeros. */
  #fill(position: Bytes, target: Buffer): void {
    const end = position + target.length;
    for (let at = position; at < end;) {
      const run = runBehind(this.#runs, at);
      if (run === undefined || run.offset >= end) return;
      const from = Math.max(at, run.offset);
      const to = Math.min(end, run.offset + run.length);
      readExactly(this.#file, run.position + from - run.offset, target.subarray(from - position, to - position));
      at = to;
    }
  }
}
