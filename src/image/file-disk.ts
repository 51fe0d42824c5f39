import { closeSync } from "node:fs";
import { byteString } from "../base/byte-string.ts";
import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import type { StoredDisk } from "./disk-bytes.ts";
import { blockLength, type Extent, type ExtentSource, fileExtent, type Run } from "./extent.ts";
import type { OpenedFile } from "./read-exactly.ts";
import { type MappedRun, seekRuns } from "./runs.ts";
import { Turns } from "./turns.ts";

/** The facts of a disk that are known when its file is opened. */
interface DiskFacts {
  readonly size: Bytes;
  readonly storedBytes: Bytes;
  /** The parts of the disk that have bytes in the file, in order, none overlapping another. */
  readonly runs: readonly Run[];
}

/** A disk in an image file, read where it is: a format says where its bytes stand. What is in no run is zeros. */
export abstract class FileDisk implements StoredDisk, Disposable {
  readonly size: Bytes;
  readonly storedBytes: Bytes;
  protected readonly file: OpenedFile;
  readonly #runs: readonly Run[];

  /** @param file which this disk closes. */
  protected constructor(file: OpenedFile, { size, storedBytes, runs }: DiskFacts) {
    this.size = size;
    this.storedBytes = storedBytes;
    this.file = file;
    this.#runs = runs;
  }

  /** Fills a part of the disk, which is zeros. Throws MkimageError BAD_IMAGE where the bytes are damaged. */
  protected abstract fill(position: Bytes, target: Buffer): void;

  /** The data as parts of the file; `undefined` where some of it does not stand there as it is. */
  protected abstract places(turns: Turns): Promise<readonly MappedRun[] | undefined>;

  seek(position: Bytes, what: "data" | "hole"): Bytes | undefined {
    return seekRuns(this.#runs, position, what);
  }

  read(position: Bytes, length: Bytes): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - position)));
    this.fill(position, bytes);
    return bytes;
  }

  /** In blocks, which are read when they are asked for. */
  sourceAt(position: Bytes): ExtentSource {
    return { kind: "blocks", position, write: (index, block) => this.#readBlock(index * blockLength, block) };
  }

  /**
   * The data as extents of the file; `undefined` where some of it does not stand there as it is.
   *
   * @throws MkimageError INTERRUPTED.
   */
  async fileExtents(signal?: AbortSignal): Promise<Extent[] | undefined> {
    const path = byteString(this.file.path);
    const places = await this.places(new Turns(signal));
    return places?.map(({ offset, length, position }) => {
      return fileExtent(offset, Math.min(length, this.size - offset), path, position);
    });
  }

  [Symbol.dispose](): void {
    closeSync(this.file.descriptor);
  }

  #readBlock(position: Bytes, block: Buffer): void {
    if (position >= this.size) throw new MkimageError("BAD_IMAGE", `the image ends at byte ${this.size}`);
    this.fill(position, block.subarray(0, Math.min(block.length, this.size - position)));
  }
}
