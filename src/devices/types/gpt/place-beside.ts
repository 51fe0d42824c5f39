import { MiB, roundDown } from "../../../base/units.ts";
import { lengthOf, largest, overlaps, type Span, spanAround, without } from "../../../layout/span.ts";
import type { PlacedPartitions, TableRoom } from "../../changes/table-changes.ts";
import { orderedPartitions } from "./order.ts";
import { type GptWish, placeOne, usableSpan } from "./place.ts";
import type { GptNode } from "./schema.ts";
import { alignedEnd, limited, wantedLast } from "./wanted-end.ts";
import { gptWish } from "./wish.ts";

/**
 * Keeps the start of each partition that is there. One that has a size gets that; then what is missing gets a place, at the end of the free space where
 * that follows a partition that wants the rest; and then the rest is taken.
 */
export function placeBeside(node: GptNode, room: TableRoom): PlacedPartitions {
  const ordered = orderedPartitions(node);
  const wishes = ordered.map((one): Wished => ({ key: one.key, wish: gptWish(one.key, one.node, room.sectorSize) }));
  const count = Math.max(ordered.length, room.there.size + room.others.length);
  const placing: Placing = {
    usable: usableSpan(room.sectors, room.sectorSize, count),
    grain: MiB / room.sectorSize,
    others: room.others,
    spans: new Map(room.there),
    faults: new Map(),
  };
  const there = wishes.filter(({ key }) => room.there.has(key));
  const missing = wishes.filter(({ key }) => !room.there.has(key));
  const takesRest = ({ wish }: Wished) => wish.extension.kind === "rest";
  for (const one of there) refuseMoved(one, placing);
  for (const one of there.filter((each) => !takesRest(each))) resize(one, placing);
  for (const one of missing.filter((each) => !takesRest(each))) placeMissing(one, there.filter(takesRest), placing);
  for (const one of there.filter(takesRest)) growToRest(one, placing);
  for (const one of missing.filter(takesRest)) placeMissing(one, [], placing);
  refuseOverlaps(placing);
  const { spans, faults } = placing;
  return faults.size > 0 ? { faults } : { spans };
}

/** The wish of the tree for one partition. */
interface Wished {
  readonly key: string;
  readonly wish: GptWish;
}

/** The places so far: faults end them. */
interface Placing {
  readonly usable: Span;
  readonly grain: number;
  readonly others: readonly Span[];
  readonly spans: Map<string, Span>;
  readonly faults: Map<string, string>;
}

function freeBeside(key: string | undefined, { usable, others, spans }: Placing): Span[] {
  const taken = [...others, ...[...spans].flatMap(([one, span]) => (one === key ? [] : [span]))];
  return taken.reduce<Span[]>((free, span) => without(free, span), [usable]);
}

/** Nothing is moved. */
function refuseMoved({ key, wish }: Wished, { spans, faults, grain }: Placing): void {
  const span = spans.get(key);
  if (span === undefined || wish.start?.from !== "disk") return;
  const { sectors } = wish.start;
  const isThere = sectors === span.first || roundDown(sectors, grain) === span.first;
  if (!isThere)
    faults.set(key, `it begins at sector ${span.first}, and the tree has it at ${sectors}: nothing is moved`);
}

/** A size that the tree gives, from where the partition begins. */
function resize({ key, wish }: Wished, placing: Placing): void {
  const { spans, faults, usable } = placing;
  const span = spans.get(key);
  if (span === undefined) return;
  const { extension } = wish;
  const room = spanAround(freeBeside(key, placing), { first: span.first, last: span.first });
  const last = limited(wish, span, wantedLast(extension, span, room, placing));
  const end = room?.last ?? usable.last;
  if (last < span.first) faults.set(key, `it would end at sector ${last}, before its start at ${span.first}`);
  else if (last > end && last > span.last) faults.set(key, noRoom(last - end, placing));
  else spans.set(key, { first: span.first, last });
}

function noRoom(sectors: number, { grain }: Placing): string {
  return `it cannot grow: ${Math.ceil(sectors / grain)} MiB are missing behind it; what is there keeps its place`;
}

/** A partition that is made takes no room from one that grows into it, but for what it needs at its end. */
function placeMissing({ key, wish }: Wished, growing: readonly Wished[], placing: Placing): void {
  const { spans, faults, usable, grain } = placing;
  const free = freeBeside(undefined, placing);
  const room = largest(free);
  const isBehind = growing.some((one) => isNext(spans.get(one.key), room, grain));
  const span = placeOne(wish, free, usable);
  if (span === undefined || room === undefined || span.last < span.first || spanAround(free, span) === undefined) {
    faults.set(
      key,
      "there is no room for it; --destroy NODE lets go of what takes it, or another partition is made smaller",
    );
    return;
  }
  const length = lengthOf(span);
  const first = roundDown(room.last + 1 - length, grain);
  const atEnd = { first, last: first + length - 1 };
  const movesToEnd = isBehind && wish.start === undefined && spanAround(free, atEnd) !== undefined;
  spans.set(key, movesToEnd ? atEnd : span);
}

function isNext(span: Span | undefined, room: Span | undefined, grain: number): boolean {
  return span !== undefined && room !== undefined && room.first - span.last <= grain;
}

/** As far as the next partition, or to the end of the disk; less than what alignment takes is not worth a change. */
function growToRest({ key, wish }: Wished, placing: Placing): void {
  const { spans, grain } = placing;
  const span = spans.get(key);
  const room = span && spanAround(freeBeside(key, placing), { first: span.first, last: span.first });
  if (span === undefined || room === undefined) return;
  const end = limited(wish, span, alignedEnd(room, grain));
  if (end - span.last >= grain) spans.set(key, { first: span.first, last: end });
}

/** The last word: whatever was planned, no two partitions overlap, and each lies within the disk. */
function refuseOverlaps({ spans, others, faults, usable }: Placing): void {
  for (const [key, span] of spans) {
    const rivals = [...others, ...[...spans].flatMap(([one, other]) => (one === key ? [] : [other]))];
    if (rivals.some((other) => overlaps(span, other))) faults.set(key, "it would overlap another partition");
    if (span.last > usable.last) faults.set(key, "it would end behind the end of the disk");
  }
}
