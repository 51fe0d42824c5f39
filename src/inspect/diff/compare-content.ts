import { Allowance } from "../budget.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import { FileBytes } from "../file-bytes.ts";
import type { Turns } from "../../image/turns.ts";
import type { Extent, Run } from "../../image/extent.ts";
import { MiB } from "../../base/units.ts";
import type { FileInode } from "../../manifest/inode.ts";
import { contentExtents } from "../../manifest/content-extents.ts";

/** Bytes allowed for comparison beyond the real size of both disks: an image can name the same bytes in many files. */
const comparedOfAny = 64 * MiB;

/** Compares the contents of files of two disks. */
export class ContentComparison {
  readonly #disks: readonly [before: DiskBytes, after: DiskBytes] | undefined;
  readonly #turns: Turns;
  readonly #left: Allowance;

  /** @param disks the disks that hold the files' bytes; `undefined` where the contents are in memory. */
  constructor(turns: Turns, disks?: readonly [before: DiskBytes, after: DiskBytes]) {
    this.#disks = disks;
    this.#turns = turns;
    const realSize = (disks ?? []).reduce((sum, disk) => sum + disk.realSize, 0);
    this.#left = new Allowance("bytes in its files", comparedOfAny + realSize);
  }

  /**
   * Whether two files of one size are the same, wherever their holes are.
   *
   * @throws MkimageError BAD_IMAGE when an image ends before a file does, or its files come to more than it has;
   *   INTERRUPTED.
   */
  async areSame(before: FileInode, after: FileInode): Promise<boolean> {
    using one = new FileBytes(before);
    using other = new FileBytes(after);
    const runs = [...this.#dataOf(before, 0), ...this.#dataOf(after, 1)].sort((a, b) => a.offset - b.offset);
    let done = 0;
    for (const { offset, length } of runs) {
      const end = Math.min(before.size, offset + length);
      for (let at = Math.max(done, offset); at < end; at += MiB) {
        if (this.#turns.isOver) await this.#turns.next();
        const count = Math.min(MiB, end - at);
        this.#left.take(count);
        if (!one.read(at, count).equals(other.read(at, count))) return false;
      }
      done = Math.max(done, end);
    }
    return true;
  }

  /** The parts of a file that need not be zeros. */
  *#dataOf(file: FileInode, side: 0 | 1): Generator<Run> {
    for (const extent of contentExtents(file)) {
      const disk = this.#disks?.[side];
      const { source } = extent;
      const position = source.kind === "file" || source.kind === "blocks" ? (source.position ?? 0) : undefined;
      if (disk === undefined || position === undefined) yield extent;
      else yield* dataIn(extent, position, disk);
    }
  }
}

function* dataIn({ offset, length }: Extent, position: number, disk: DiskBytes): Generator<Run> {
  for (let at = 0; at < length;) {
    const start = Math.min(length, disk.nextData(position + at) - position);
    const end = start < length ? Math.min(length, disk.nextHole(position + start) - position) : length;
    if (end > start) yield { offset: offset + start, length: end - start };
    at = Math.max(end, at + 1);
  }
}
