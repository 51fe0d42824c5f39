import type { DiskBytes } from "../disk-bytes.ts";
import { badImage } from "../faults.ts";
import type { FatShape } from "./boot-record.ts";

/** Clusters in one piece. */
export interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

/** The file allocation table: which cluster follows which. */
export class AllocationReader {
  readonly #table: Buffer;
  readonly #shape: FatShape;

  /** @throws MkimageError BAD_IMAGE when the table is not all there. */
  constructor(bytes: DiskBytes, shape: FatShape) {
    this.#shape = shape;
    this.#table = bytes.read(shape.tablesAt, Math.ceil(((shape.clusters + 2) * shape.bits) / 8) + 1);
  }

  /**
   * The clusters of a file, in its order.
   *
   * @throws MkimageError BAD_IMAGE when the chain leaves the filesystem or bites its tail.
   */
  chain(start: number): ClusterRun[] {
    const { clusters, bits } = this.#shape;
    const end = 2 ** Math.min(bits, 28) - 8;
    const runs: { first: number; count: number }[] = [];
    let cluster = start;
    for (let length = 0; cluster < end; length += 1) {
      if (cluster < 2 || cluster > clusters + 1) throw badImage(`its chain leads to cluster ${cluster}`);
      if (length > clusters) throw badImage("its chain of clusters has no end");
      const last = runs.at(-1);
      if (last !== undefined && last.first + last.count === cluster) last.count += 1;
      else runs.push({ first: cluster, count: 1 });
      cluster = this.#next(cluster);
    }
    return runs;
  }

  countFree(): number {
    let free = 0;
    for (let cluster = 2; cluster < this.#shape.clusters + 2; cluster += 1) if (this.#next(cluster) === 0) free += 1;
    return free;
  }

  #next(cluster: number): number {
    const { bits } = this.#shape;
    if (bits === 32) return this.#table.readUInt32LE(cluster * 4) & 0x0fff_ffff;
    if (bits === 16) return this.#table.readUInt16LE(cluster * 2);
    const pair = this.#table.readUInt16LE(Math.floor((cluster * 3) / 2));
    return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
  }
}
