import { gptEntrySectors } from "../../../layout/gpt-entries.ts";
import { type Placement, type Span, largest, overlaps, spanAround, without } from "../../../layout/span.ts";
import { type Sectors, roundDown, roundUp } from "../../../base/units.ts";
import type { Position } from "../../../layout/sector-text.ts";

/** How large a partition is to be, beside where it starts. */
export type Extension =
  | { readonly kind: "position"; readonly position: Position }
  | { readonly kind: "share"; readonly percent: number }
  | { readonly kind: "rest" };

/** One partition that wants a place. */
export interface GptWish {
  readonly key: string;
  /** `undefined`: the start of the largest free space. */
  readonly start: Position | undefined;
  readonly extension: Extension;
  readonly alignment: Sectors;
  /** Zero: no limit. */
  readonly min: Sectors;
  readonly max: Sectors;
}

/** The sectors that a GPT leaves to so many partitions on a disk of `sectors` sectors. */
export function usableSpan(sectors: Sectors, sectorSize: number, partitions: number): Span {
  const entries = gptEntrySectors(partitions, sectorSize);
  return { first: 2 + entries, last: sectors - entries - 2 };
}

/**
 * Gives partitions their sectors, one after the other, as sgdisk does with `--align-end`: a start moves to the multiple
 * of the alignment before it when that is free, else to the one after; what takes the rest ends on a multiple.
 */
export function placeGpt(wishes: readonly GptWish[], usable: Span): Placement {
  const spans: Span[] = [];
  let free: Span[] = usable.first <= usable.last ? [usable] : [];
  for (const wish of wishes) {
    const span = placeOne(wish, free, usable);
    const fault =
      span === undefined ? `no room is left for partition ${wish.key}` : faultOf(wish, span, usable, wishes, spans);
    if (span === undefined || fault !== undefined) return { fault: fault ?? "" };
    spans.push(span);
    free = without(free, span);
  }
  return { spans };
}

/** The place of one partition among free spans, as sgdisk finds it. */
export function placeOne(wish: GptWish, free: readonly Span[], usable: Span): Span | undefined {
  const room = largest(free);
  if (room === undefined) return undefined;
  const wanted = wantedStart(wish, room);
  const first = alignStart(wanted, wish.alignment, free);
  const around = spanAround(free, { first, last: first });
  const high = around === undefined ? usable.last : alignedEnd(around, wish.alignment);
  return { first, last: limit(wish, first, wantedEnd(wish, wanted, first, high, usable)) };
}

function wantedStart({ start, alignment }: GptWish, room: Span): Sectors {
  const low = roundUp(room.first, alignment);
  if (start === undefined) return low;
  if (start.from === "disk") return start.sectors;
  return start.from === "start" ? low + start.sectors : alignedEnd(room, alignment) - start.sectors;
}

function alignStart(start: Sectors, alignment: Sectors, free: readonly Span[]): Sectors {
  const earlier = roundDown(start, alignment);
  if (spanAround(free, { first: earlier, last: start }) !== undefined) return earlier;
  const later = roundUp(start, alignment);
  return spanAround(free, { first: start, last: later }) === undefined ? start : later;
}

function alignedEnd(span: Span, alignment: Sectors): Sectors {
  const end = roundDown(span.last + 1, alignment) - 1;
  return end > span.first ? end : span.last;
}

/** sgdisk counts `+SIZE` from the start that was asked for, before it is aligned. */
function wantedEnd(
  { extension, alignment }: GptWish,
  wanted: Sectors,
  first: Sectors,
  high: Sectors,
  usable: Span,
): Sectors {
  if (extension.kind === "rest") return high;
  if (extension.kind === "share") {
    const disk = usable.first + usable.last;
    return first + Math.max(alignment, roundDown(Math.floor((disk * extension.percent) / 100), alignment)) - 1;
  }
  const { from, sectors } = extension.position;
  if (from === "disk") return sectors;
  return from === "start" ? wanted + sectors - 1 : high - sectors;
}

function limit({ min, max }: GptWish, first: Sectors, last: Sectors): Sectors {
  const limited = Math.min(last, first + max - 1);
  return min === 0 ? limited : Math.max(limited, first + min - 1);
}

function faultOf(
  { key }: GptWish,
  span: Span,
  usable: Span,
  wishes: readonly GptWish[],
  earlier: readonly Span[],
): string | undefined {
  const sectors = `sectors ${span.first} to ${span.last}`;
  if (span.last < span.first)
    return `partition ${key} would end at sector ${span.last}, before its start at ${span.first}`;
  const other = wishes[earlier.findIndex((taken) => overlaps(taken, span))];
  if (other !== undefined) return `partition ${key} (${sectors}) overlaps partition ${other.key}`;
  if (span.first < usable.first)
    return `partition ${key} (${sectors}) begins before the first usable sector ${usable.first}`;
  if (span.last > usable.last) return `partition ${key} (${sectors}) ends after the last usable sector ${usable.last}`;
  return undefined;
}
