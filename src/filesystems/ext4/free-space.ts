import type { BlockRun } from "./geometry.ts";

/**
 * The blocks that are free for data, numbered from 0 in ascending order: place 0 is the first block that no group needs for
 * itself. Data is laid out without gaps, so a file is a range of places, and the blocks follow from it.
 */
export class FreeSpace {
  /** First place of each run of free blocks, and an end that is never reached. */
  readonly #places: Float64Array;
  /** How many blocks are taken before it. What is read from an array of floats would stay one: an object to V8. */
  readonly #taken: readonly number[];
  /** The run that was found last: who asks goes through the places in order. */
  #last = 0;

  /** The first of the `used` runs begins with block 0. Behind the last of them everything is free, without end. */
  constructor(used: readonly BlockRun[]) {
    let taken = 0;
    this.#taken = used.map(({ start, end }) => (taken += end - start));
    this.#places = Float64Array.from([
      ...used.map(({ end }, run) => end - this.#taken[run]!),
      Number.POSITIVE_INFINITY,
    ]);
  }

  /** The block at a place. */
  blockAt(place: number): number {
    return place + this.#taken[this.#runOf(place)]!;
  }

  /** The runs of blocks that a range of places stands for, ascending. */
  runs(place: number, length: number): BlockRun[] {
    const runs: BlockRun[] = [];
    const end = place + length;
    let run = this.#runOf(place);
    for (let at = place; at < end; run += 1) {
      const next = Math.min(end, this.#places[run + 1]!);
      const start = at + this.#taken[run]!;
      if (next > at) runs.push({ start, end: start + next - at });
      at = next;
    }
    return runs;
  }

  /** Whether a range of places is one run of blocks. */
  isOneRun(place: number, length: number): boolean {
    return place + length <= this.#places[this.#runOf(place) + 1]!;
  }

  #runOf(place: number): number {
    const isHere = this.#places[this.#last]! <= place && place < this.#places[this.#last + 1]!;
    if (!isHere) this.#last = this.#search(place);
    return this.#last;
  }

  #search(place: number): number {
    let low = 0;
    let high = this.#taken.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#places[middle]! <= place) low = middle;
      else high = middle;
    }
    return low;
  }
}
