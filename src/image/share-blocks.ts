import { type Bytes, KiB, roundDown, roundUp } from "../base/units.ts";
import { reflink, reflinkGrid } from "../runtime/reflink.ts";
import { holeGrid } from "./chunk.ts";
import { clipExtents, type Extent, type FileSource, type Run } from "./extent.ts";
import type { SourceReader } from "./source-reader.ts";

/**
 * The grid on which an open output shares blocks with the files that its bytes come from; `undefined` where its filesystem
 * cannot.
 */
export function sharingGrid(descriptor: number): Bytes | undefined {
  const grid = reflinkGrid(descriptor);
  return grid === undefined ? undefined : roundUp(grid, holeGrid);
}

/** An output, and the grid of the blocks that it shares. */
interface SharingOutput {
  readonly descriptor: number;
  readonly grid: Bytes;
}

/**
 * Has an output share whole blocks of files, each when its extent is asked for, and gives what is left to be written: tails,
 * what lies elsewhere on the grid in its file, what is too short, and what the kernel refuses to share, for whatever reason.
 *
 * @throws MkimageError SOURCE_CHANGED as `SourceReader`.
 */
export function* shareBlocks(
  extents: Iterable<Extent>,
  reader: SourceReader,
  { descriptor, grid }: SharingOutput,
): Generator<Extent> {
  for (const extent of extents) {
    const { source } = extent;
    const run = source.kind === "file" ? wholeBlocks(extent, source, grid) : undefined;
    if (source.kind !== "file" || run === undefined) {
      yield extent;
      continue;
    }
    const from = { descriptor: reader.open(source), position: (source.position ?? 0) + run.offset - extent.offset };
    if (reflink(from, { descriptor, position: run.offset }, run.length)) yield* outside(extent, run);
    else yield extent;
  }
}

/** Shorter runs are written sooner than they are shared, and cut the output into more pieces than they save bytes. */
const shortestShared: Bytes = 16 * KiB;

function wholeBlocks({ offset, length }: Run, { position = 0, fileSize }: FileSource, grid: Bytes): Run | undefined {
  if (length < shortestShared || (offset - position) % grid !== 0) return undefined;
  // Where a file is to end, the reader looks whether it has grown, and needs a byte to read there.
  const end = offset + (position + length === fileSize ? length - 1 : length);
  const start = roundUp(offset, grid);
  const whole = { offset: start, length: roundDown(end, grid) - start };
  return whole.length < shortestShared ? undefined : whole;
}

function* outside(extent: Extent, run: Run): Generator<Extent> {
  yield* clipExtents([extent], extent.offset, run.offset);
  yield* clipExtents([extent], run.offset + run.length, extent.offset + extent.length);
}
