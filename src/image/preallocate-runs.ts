import { type Bytes, KiB, roundDown, roundUp } from "../base/units.ts";
import { preallocate } from "../runtime/preallocate.ts";
import { holeGrid } from "./chunk.ts";
import type { Run } from "./extent.ts";

/** Shorter runs are no sooner written for it. */
const shortestRun: Bytes = 64 * KiB;

/** Has an open output find room for long runs of what is about to be written to it, on the grid of holes: these stay as they are. */
export function preallocateRuns(descriptor: number, extents: Iterable<Run>): void {
  let run = { start: 0, end: 0 };
  for (const { offset, length } of extents) {
    const [start, end] = [roundDown(offset, holeGrid), roundUp(offset + length, holeGrid)];
    if (start > run.end) {
      preallocateRun(descriptor, run);
      run = { start, end };
    }
    run.end = end;
  }
  preallocateRun(descriptor, run);
}

function preallocateRun(descriptor: number, { start, end }: { readonly start: Bytes; readonly end: Bytes }): void {
  if (end - start >= shortestRun) preallocate(descriptor, start, end - start);
}
