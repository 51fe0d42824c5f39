import { hasSuperblock } from "../../structures/ext4/group-descriptor.ts";
import { type BlockRun, type Geometry, groupsPerFlex, superblockBlocks } from "./geometry.ts";

/** Where each group's own blocks stand. Arrays are indexed by group. */
export interface BlockGroupLayout {
  readonly blockBitmaps: Float64Array;
  readonly inodeBitmaps: Float64Array;
  readonly inodeTables: Float64Array;
  /** Groups that begin with a superblock, ascending. */
  readonly superblockGroups: readonly number[];
  /** All of these blocks: ascending, apart from each other. The last may reach beyond the filesystem if it is too small. */
  readonly used: readonly BlockRun[];
}

/**
 * Puts the bitmaps and inode tables of 16 groups each together at the beginning of the first of them (flex_bg), so that
 * the data behind them is in one piece.
 */
export function layOutGroups(geometry: Geometry): BlockGroupLayout {
  const superblocks = superblockRuns(geometry);
  const layout = {
    blockBitmaps: new Float64Array(geometry.groups),
    inodeBitmaps: new Float64Array(geometry.groups),
    inodeTables: new Float64Array(geometry.groups),
  };
  const placer = new Placer(superblocks.map(({ run }) => run));
  for (let first = 0; first < geometry.groups; first += groupsPerFlex) {
    const last = Math.min(first + groupsPerFlex, geometry.groups);
    placer.moveTo(first * geometry.blocksPerGroup);
    for (let group = first; group < last; group += 1) layout.blockBitmaps[group] = placer.place(1);
    for (let group = first; group < last; group += 1) layout.inodeBitmaps[group] = placer.place(1);
    for (let group = first; group < last; group += 1) layout.inodeTables[group] = placer.place(geometry.tableBlocks);
  }
  return { ...layout, superblockGroups: superblocks.map(({ group }) => group), used: placer.used() };
}

function superblockRuns(geometry: Geometry): { group: number; run: BlockRun }[] {
  const length = superblockBlocks(geometry);
  const runs = [];
  for (let group = 0; group < geometry.groups; group += 1) {
    const start = group * geometry.blocksPerGroup;
    if (hasSuperblock(group)) runs.push({ group, run: { start, end: start + length } });
  }
  return runs;
}

/** Hands out blocks in ascending order, around those that are taken. */
class Placer {
  readonly #taken: readonly BlockRun[];
  readonly #placed: BlockRun[] = [];
  #next = 0;
  #cursor = 0;

  constructor(taken: readonly BlockRun[]) {
    this.#taken = taken;
  }

  /** Goes on from `block`, unless it is there already. */
  moveTo(block: number): void {
    this.#cursor = Math.max(this.#cursor, block);
  }

  /** The first of `length` blocks in one piece. */
  place(length: number): number {
    for (let run = this.#taken[this.#next]; run !== undefined; run = this.#taken[this.#next]) {
      if (run.start >= this.#cursor + length) break;
      this.#cursor = Math.max(this.#cursor, run.end);
      this.#next += 1;
    }
    const start = this.#cursor;
    this.#cursor += length;
    this.#placed.push({ start, end: this.#cursor });
    return start;
  }

  /** Everything that is taken or was placed. */
  used(): BlockRun[] {
    const runs: { start: number; end: number }[] = [];
    for (const run of [...this.#taken, ...this.#placed].sort((a, b) => a.start - b.start)) {
      const last = runs.at(-1);
      if (last?.end === run.start) last.end = run.end;
      else runs.push({ ...run });
    }
    return runs;
  }
}
