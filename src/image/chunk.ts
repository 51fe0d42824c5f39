import { type Bytes, roundDown, roundUp } from "../base/units.ts";
import { ExtentOrder } from "./extent-order.ts";
import type { Image } from "./image.ts";
import { SourceReader } from "./source-reader.ts";

/** The grid on which a file can have holes. */
export const holeGrid: Bytes = 4096;

/** A part of a chunk, on the hole grid, that extents cover: from `start` up to but not including `end`. */
export interface ChunkRun {
  readonly start: number;
  readonly end: number;
}

/** A piece of an image, at a multiple of the chunk size, that is not all hole. Outside its runs there are only zeros. */
export interface Chunk {
  readonly offset: Bytes;
  /** As long as the chunk size, or shorter at the image's end. */
  readonly bytes: Uint8Array;
  readonly runs: readonly ChunkRun[];
  /** The memory that `ChunkOptions.memory` gave for it. */
  readonly memory: Uint8Array;
}

interface ChunkOptions {
  /** A multiple of the hole grid. */
  readonly chunkSize: Bytes;
  /** Gives memory for the next chunk: `chunkSize` + 1 bytes with any content. */
  readonly memory: () => Uint8Array;
  /** Reads the files. Default: one for this image. */
  readonly reader?: SourceReader;
}

/**
 * Turns an image into bytes: the one way that every sink uses. Chunks come in ascending order; those that no extent
 * touches are left out.
 *
 * @throws MkimageError SOURCE_CHANGED; INTERNAL as `ExtentOrder`.
 */
export function* readImage(image: Image, { chunkSize, memory, reader: given }: ChunkOptions): Generator<Chunk> {
  using own = new SourceReader();
  const reader = given ?? own;
  const order = new ExtentOrder(image.size);
  let chunk: OpenChunk | undefined;
  for (const extent of image.extents) {
    order.require(extent);
    if (extent.source.kind === "zeros") continue;
    for (let done = 0; done < extent.length;) {
      const position = extent.offset + done;
      const offset = roundDown(position, chunkSize);
      if (chunk !== undefined && chunk.offset !== offset) {
        yield chunk.close();
        chunk = undefined;
      }
      chunk ??= new OpenChunk(offset, Math.min(chunkSize, image.size - offset), memory());
      const length = Math.min(extent.length - done, offset + chunk.length - position);
      reader.read(extent.source, done, chunk.cover(position - offset, length));
      done += length;
    }
  }
  if (chunk !== undefined) yield chunk.close();
}

/** A chunk that is being filled from its start to its end. */
class OpenChunk {
  readonly offset: Bytes;
  readonly length: number;
  readonly #memory: Uint8Array;
  readonly #runs: { start: number; end: number }[] = [];
  #filled = 0;

  constructor(offset: Bytes, length: number, memory: Uint8Array) {
    this.offset = offset;
    this.length = length;
    this.#memory = memory;
  }

  cover(start: number, length: number) {
    this.#memory.fill(0, this.#filled, start);
    this.#filled = start + length;
    const last = this.#runs.at(-1);
    const run = { start: roundDown(start, holeGrid), end: Math.min(roundUp(this.#filled, holeGrid), this.length) };
    if (last !== undefined && run.start <= last.end) last.end = run.end;
    else this.#runs.push(run);
    return { buffer: this.#memory, start, length };
  }

  close(): Chunk {
    this.#memory.fill(0, this.#filled, this.length);
    const bytes = this.#memory.subarray(0, this.length);
    return { offset: this.offset, bytes, runs: this.#runs, memory: this.#memory };
  }
}
