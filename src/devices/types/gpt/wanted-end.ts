import { roundDown } from "../../../base/units.ts";
import type { Span } from "../../../layout/span.ts";
import type { GptWish } from "./place.ts";

/** The sectors of a disk that partitions can have, and those that ends are aligned to. */
interface UsableSectors {
  readonly usable: Span;
  readonly grain: number;
}

/** The last sector that a partition is to have by the size that the tree gives it, from where it begins. */
export function wantedLast(
  extension: GptWish["extension"],
  span: Span,
  room: Span | undefined,
  { usable, grain }: UsableSectors,
): number {
  if (extension.kind === "rest") return span.last;
  if (extension.kind === "share") {
    const length = roundDown(Math.floor(((usable.first + usable.last) * extension.percent) / 100), grain);
    return span.first + Math.max(grain, length) - 1;
  }
  const { from, sectors } = extension.position;
  if (from === "disk") return sectors;
  if (from === "start") return span.first + sectors - 1;
  // So far from the end it was made; with something behind it, that is its end.
  const isLast = room !== undefined && room.last === usable.last;
  return isLast ? alignedEnd(room, grain) - sectors : span.last;
}

/** No later than the most, and no earlier than the least that the tree allows. */
export function limited({ min, max }: GptWish, { first }: Span, last: number): number {
  const most = Math.min(last, first + max - 1);
  return min === 0 ? most : Math.max(most, first + min - 1);
}

/** The end of free space, aligned where that leaves something. */
export function alignedEnd(span: Span, grain: number): number {
  const end = roundDown(span.last + 1, grain) - 1;
  return end > span.first ? end : span.last;
}
