import type { Bytes } from "../base/units.ts";
import { readImage } from "./chunk.ts";
import type { Extent } from "./extent.ts";
import { preallocateRuns } from "./preallocate-runs.ts";
import { shareBlocks } from "./share-blocks.ts";
import { SourceReader } from "./source-reader.ts";
import { longestWrite, writeFullySync } from "./file-output.ts";

/** The size of a chunk, which stays in the processor's cache from its reading to its writing. */
const chunkSize = longestWrite;

const memory = new Uint8Array(chunkSize + 1);

/** A piece of an image and the open file that it is written to, at its place. */
export interface PieceToWrite {
  readonly descriptor: number;
  readonly imageSize: Bytes;
  readonly extents: Iterable<Extent>;
  /** Of `sharingGrid`, where blocks of files are to be shared. */
  readonly grid: Bytes | undefined;
  /** Whether room is to be found for long runs before they are written. */
  readonly preallocates: boolean;
}

/**
 * Reads the sources of extents and writes them, without a pause: for tens of thousands of small files that is several
 * times faster than promises. Blocks that can be shared are. What no extent covers is left as it is.
 *
 * @throws MkimageError SOURCE_CHANGED; the operating system's error where it cannot be written.
 */
export function writePiece({ descriptor, imageSize, extents: given, grid, preallocates }: PieceToWrite): void {
  using reader = new SourceReader();
  const extents = [...given];
  if (preallocates) preallocateRuns(descriptor, extents);
  const written = grid === undefined ? extents : shareBlocks(extents, reader, { descriptor, grid });
  for (const chunk of readImage({ size: imageSize, extents: written }, { chunkSize, memory: () => memory, reader })) {
    for (const { start, end } of chunk.runs) {
      writeFullySync(descriptor, chunk.bytes.subarray(start, end), chunk.offset + start);
    }
  }
}
