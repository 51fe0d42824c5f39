import { roundDown } from "../../base/units.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import {
  fatEntryAt,
  fatEntryWidth,
  firstCluster,
  leastEndOfChain,
  readFatEntry,
} from "../../structures/fat/allocation-table.ts";
import { badImage } from "../../base/image-faults.ts";
import type { Turns } from "../../image/turns.ts";
import type { ReadFatShape } from "./boot-record.ts";

/** Clusters in one piece. */
export interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

/** Of so many clusters the entries are read at a time. */
const clustersOfPiece = 65_536;

const pieceSize = 4096;
const blank = Buffer.alloc(clustersOfPiece * 4);

/** The file allocation table: which cluster follows which. It is read in pieces, since it can be said to be of any size. */
export class AllocationReader {
  readonly #bytes: DiskBytes;
  readonly #shape: ReadFatShape;
  /** A bit for each cluster that belongs to a file or folder. */
  readonly #owned: Uint8Array;
  #piece: Buffer = Buffer.alloc(0);
  #pieceAt = 0;

  constructor(bytes: DiskBytes, shape: ReadFatShape) {
    this.#bytes = bytes;
    this.#shape = shape;
    this.#owned = new Uint8Array(Math.ceil((shape.clusters + firstCluster) / 8));
  }

  /**
   * The clusters of a file, in its order. Each belongs to one file only, so that all chains together are no longer than
   * the filesystem.
   *
   * @throws MkimageError BAD_IMAGE when the chain leaves the filesystem, bites its tail or runs into another.
   */
  chain(start: number): ClusterRun[] {
    const { clusters, bits } = this.#shape;
    const end = leastEndOfChain(bits);
    const runs: { first: number; count: number }[] = [];
    for (let cluster = start; cluster < end; cluster = this.#next(cluster)) {
      if (cluster < firstCluster || cluster >= clusters + firstCluster)
        throw badImage(`its chain leads to cluster ${cluster}`);
      if (!this.#own(cluster))
        throw badImage(`its chain comes to cluster ${cluster}, which belongs to a chain already`);
      const last = runs.at(-1);
      if (last !== undefined && last.first + last.count === cluster) last.count += 1;
      else runs.push({ first: cluster, count: 1 });
    }
    return runs;
  }

  async countFree(turns: Turns): Promise<number> {
    const end = this.#shape.clusters + firstCluster;
    let free = 0;
    for (let start = 0; start < end; start += clustersOfPiece) {
      if (turns.isOver) await turns.next();
      const from = Math.max(firstCluster, start);
      const to = Math.min(end, start + clustersOfPiece);
      if (this.#shape.bits === 32 && this.#isBlank(start, to)) free += to - from;
      else for (let cluster = from; cluster < to; cluster += 1) if (this.#next(cluster) === 0) free += 1;
    }
    return free;
  }

  /** Most of a large table is zeros, which are seen at a glance. */
  #isBlank(start: number, end: number): boolean {
    const bytes = this.#bytes.read(this.#shape.tablesAt + start * 4, (end - start) * 4);
    return bytes.equals(blank.subarray(0, bytes.length));
  }

  /** Whether it was nobody's before. */
  #own(cluster: number): boolean {
    const [index, bit] = [cluster >>> 3, 1 << (cluster & 7)];
    const before = this.#owned[index] ?? 0;
    this.#owned[index] = before | bit;
    return (before & bit) === 0;
  }

  #next(cluster: number): number {
    const { bits } = this.#shape;
    const at = this.#placeOf(fatEntryAt(bits, cluster), fatEntryWidth(bits));
    return readFatEntry(bits, this.#piece, cluster, at);
  }

  /** Where bytes of the table are in the piece that was looked at last; entries that follow each other are in one piece. */
  #placeOf(offset: number, length: number): number {
    const place = offset - this.#pieceAt;
    if (place >= 0 && place + length <= this.#piece.length) return place;
    const { tablesAt, tableSize } = this.#shape;
    this.#pieceAt = roundDown(offset, pieceSize);
    const size = Math.min(pieceSize, tableSize - this.#pieceAt);
    const isSplit = offset + length > this.#pieceAt + size;
    if (isSplit) this.#pieceAt = offset;
    this.#piece = this.#bytes.peek(tablesAt + this.#pieceAt, isSplit ? length : size);
    return offset - this.#pieceAt;
  }
}
