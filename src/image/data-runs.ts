import { type Bytes, roundDown, roundUp } from "../base/units.ts";
import type { Extent, Run } from "./extent.ts";

/** The parts of an image that hold data, on a grid, joined where they touch. The last may reach beyond the image's end. */
export function dataRuns(extents: Iterable<Extent>, grid: Bytes): Run[] {
  const runs: { readonly offset: Bytes; length: Bytes }[] = [];
  for (const { offset, length, source } of extents) {
    if (source.kind === "zeros" || length === 0) continue;
    const [start, end] = [roundDown(offset, grid), roundUp(offset + length, grid)];
    const last = runs.at(-1);
    if (last !== undefined && start <= last.offset + last.length)
      last.length = Math.max(last.length, end - last.offset);
    else runs.push({ offset: start, length: end - start });
  }
  return runs;
}

/** Extents with their runs one behind the other from `place` on: the holes between them are left out. */
export function* closeRanks(extents: Iterable<Extent>, runs: readonly Run[], place: Bytes): Generator<Extent> {
  let [index, shift] = [0, place - (runs[0]?.offset ?? 0)];
  for (const extent of extents) {
    if (extent.source.kind === "zeros" || extent.length === 0) continue;
    for (let run = runs[index]; run !== undefined && extent.offset >= run.offset + run.length; run = runs[index]) {
      const next = runs[(index += 1)];
      if (next !== undefined) shift -= next.offset - (run.offset + run.length);
    }
    yield { ...extent, offset: extent.offset + shift };
  }
}
