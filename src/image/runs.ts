import type { Bytes } from "../base/units.ts";
import type { Run } from "./extent.ts";

/** More parts of a disk are not kept, which take some 50 bytes each: a disk that a machine wrote is in less. */
export const mostRuns = 2 ** 20;

/** A part of a disk, and where it begins in the file that it is in. */
export interface MappedRun extends Run {
  readonly position: Bytes;
}

/** The first of runs, which are in order and do not overlap, that ends behind this byte. */
export function runBehind<Each extends Run>(runs: readonly Each[], position: Bytes): Each | undefined {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { offset, length } = runs[middle] as Each;
    if (offset + length <= position) low = middle + 1;
    else high = middle;
  }
  return runs[low];
}

/** The next place of data or of a hole from `position` on, where runs are the data; `undefined` where there is none. */
export function seekRuns(runs: readonly Run[], position: Bytes, what: "data" | "hole"): Bytes | undefined {
  const next = runBehind(runs, position);
  if (what === "data") return next === undefined ? undefined : Math.max(next.offset, position);
  return next === undefined || next.offset > position ? position : next.offset + next.length;
}

/** Adds a run behind the last one, or makes that longer where it goes on in the file. */
export function addRun(runs: MappedRun[], run: MappedRun): void {
  const last = runs.at(-1);
  const isNext = last?.offset === run.offset - (last?.length ?? 0) && last.position + last.length === run.position;
  if (isNext) runs[runs.length - 1] = { ...last, length: last.length + run.length };
  else runs.push(run);
}
