import type { BlockRun } from "./geometry.ts";

/**
 * The blocks that are free for data, numbered from 0 in ascending order: place 0 is the first block that no group needs for
 * itself. Data is laid out without gaps, so a file is a range of places, and the blocks follow from it.
 */
export class FreeSpace {
  /** First block and first place of each run of free blocks. */
  readonly #blocks: Float64Array;
  readonly #places: Float64Array;
  /** The run that was found last: who asks goes through the places in order. */
  #last = 0;

  /** Behind the last of the `used` runs everything is free, without end. */
  constructor(used: readonly BlockRun[]) {
    this.#blocks = Float64Array.from(used, ({ end }) => end);
    this.#places = new Float64Array(used.length + 1);
    used.forEach(({ start }, index) => {
      const before = index === 0 ? 0 : start - this.#blocks[index - 1]!;
      this.#places[index] = (index === 0 ? 0 : this.#places[index - 1]!) + before;
    });
    this.#places[used.length] = Number.POSITIVE_INFINITY;
  }

  /** The block at a place. */
  blockAt(place: number): number {
    const run = this.#runOf(place);
    return this.#blocks[run]! + place - this.#places[run]!;
  }

  /** The runs of blocks that a range of places stands for, ascending. */
  runs(place: number, length: number): BlockRun[] {
    const runs: BlockRun[] = [];
    const end = place + length;
    let run = this.#runOf(place);
    for (let at = place; at < end; run += 1) {
      const next = Math.min(end, this.#places[run + 1]!);
      const start = this.#blocks[run]! + at - this.#places[run]!;
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
    let high = this.#blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#places[middle]! <= place) low = middle;
      else high = middle;
    }
    return low;
  }
}
