import type { Run } from "../image/extent.ts";
import { endSize } from "../machine/ends.ts";
import type { ImagePlan } from "../pipeline/plan/image-plan.ts";

/**
 * The runs of a planned disk that may hold anything, ascending: what filesystems that the host has laid out do not use. On a
 * large disk that is nearly all of it. Both ends of each filesystem are left out: what was there before could be taken for
 * another filesystem, or for a member of something.
 */
export function freeRunsOf({ filesystems }: ImagePlan, disk: string): Run[] {
  const runs = filesystems.flatMap(({ filesystem: { place }, plan }) => {
    if (plan.madeBy !== "host" || place?.disk !== disk) return [];
    const free = gapsBetween(plan.occupied(), endSize, plan.size - endSize);
    return free.map(({ offset, length }) => ({ offset: place.offset + offset, length }));
  });
  return runs.toSorted((one, other) => one.offset - other.offset);
}

/** The parts of a range that no run covers; these are ascending by their offsets. */
export function gapsBetween(runs: readonly Run[], start: number, end: number): Run[] {
  const gaps: Run[] = [];
  let next = start;
  for (const { offset, length } of [...runs, { offset: end, length: 0 }]) {
    const until = Math.min(offset, end);
    if (until > next) gaps.push({ offset: next, length: until - next });
    next = Math.max(next, offset + length);
  }
  return gaps;
}
