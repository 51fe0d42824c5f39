import { MkimageError } from "../../base/errors.ts";
import { type Extent, partOfSource } from "../../image/extent.ts";
import { contentExtents } from "../../manifest/content-extents.ts";
import type { FileInode } from "../../manifest/inode.ts";
import { type BlockRun, blockSize } from "./geometry.ts";

const mostFileBlocks = 2 ** 32 - 1;

/** The blocks of a file that hold data, ascending and apart from each other: what lies between them are holes. */
export function fileRanges(file: FileInode): readonly BlockRun[] {
  if (file.size > mostFileBlocks * blockSize) {
    throw new MkimageError("BAD_REQUEST", `a file of ${file.size} bytes is too large for ext4`, {
      hint: "ext4 holds files of up to 16 TiB",
    });
  }
  const ranges: { start: number; end: number }[] = [];
  for (const { offset, length } of contentExtents(file)) {
    if (length === 0) continue;
    const start = Math.floor(offset / blockSize);
    const end = Math.ceil((offset + length) / blockSize);
    const last = ranges.at(-1);
    if (last !== undefined && last.end >= start) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges;
}

/** How many blocks of a file hold data. Throws as `fileRanges`. */
export function dataBlocks(file: FileInode): number {
  // Nearly every file is whole, and is not worth a list.
  const { content } = file;
  const whole = "kind" in content || (content.length === 1 && content[0]!.length === file.size);
  if (whole && file.size <= mostFileBlocks * blockSize) return Math.ceil(file.size / blockSize);
  return fileRanges(file).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** A run of a file's blocks and where it stands on the disk. */
export interface PlacedRun {
  readonly logical: number;
  readonly length: number;
  readonly block: number;
}

/** A file's content as parts of the filesystem. The runs are in the order of the file. */
export function placeContent(file: FileInode, runs: readonly PlacedRun[]): readonly Extent[] {
  if ("kind" in file.content && runs.length === 1)
    return [{ offset: runs[0]!.block * blockSize, length: file.size, source: file.content }];
  const placed: Extent[] = [];
  let index = 0;
  for (const extent of contentExtents(file)) {
    for (let at = extent.offset; at < extent.offset + extent.length;) {
      let run = runs[index]!;
      while (at >= (run.logical + run.length) * blockSize) run = runs[(index += 1)]!;
      const end = Math.min(extent.offset + extent.length, (run.logical + run.length) * blockSize);
      const offset = at + (run.block - run.logical) * blockSize;
      placed.push({ offset, length: end - at, source: partOfSource(extent.source, at - extent.offset, end - at) });
      at = end;
    }
  }
  return placed;
}
