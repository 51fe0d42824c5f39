import { type PartedDisk, type PartedPosition, sectorAt } from "./position.ts";
import { type Placement, type Span, overlaps, spanAround, without } from "../../../layout/span.ts";
import { type Sectors, MiB, roundDown, roundUp } from "../../../base/units.ts";

/** One partition that wants a place. */
export interface PartedWish {
  readonly key: string;
  readonly role: "primary" | "extended" | "logical";
  readonly start: PartedPosition;
  readonly end: PartedPosition;
}

/** Gives partitions their sectors, one after the other, as `parted --align optimal mkpart` does. */
export function placeParted(wishes: readonly PartedWish[], disk: PartedDisk): Placement {
  const spans: Span[] = [];
  let free: Span[] = [disk.usable];
  let inside: LogicalRoom = { usual: [], near: [] };
  const grain = MiB / disk.sectorSize;
  for (const wish of wishes) {
    const span = wish.role === "logical" ? placeLogical(wish, disk, inside.usual) : placeOne(wish, disk, free, spans);
    const fitsInside = wish.role === "logical" && hasRoom(inside, wish, span);
    const fault = unreadable(wish) ?? (fitsInside ? undefined : faultOf(wish, span, disk.usable, wishes, spans));
    if (fault !== undefined) return { fault };
    spans.push(span);
    if (wish.role !== "logical") free = without(free, span);
    if (wish.role === "extended") inside = roomIn(span, grain);
    if (wish.role === "logical") inside = roomBeside(span, inside, grain);
  }
  return { spans };
}

/** The room for logical partitions in the extended one, and for their records. */
interface LogicalRoom {
  /** With 1 MiB before each of them, which begins with its record. */
  readonly usual: readonly Span[];
  /** With one sector before each of them, as installers lay them out. Only sectors ask for it. */
  readonly near: readonly Span[];
}

function roomIn(extended: Span, grain: Sectors): LogicalRoom {
  return { usual: [{ first: extended.first + grain, last: extended.last }], near: [extended] };
}

/** The room that a logical partition leaves. Where the first one has 1 MiB before it, sfdisk wants that of all. */
function roomBeside(span: Span, { usual, near }: LogicalRoom, grain: Sectors): LogicalRoom {
  const isUsual = spanAround(usual, span) !== undefined;
  return {
    usual: without(usual, { first: span.first - grain, last: span.last + grain }),
    near: isUsual ? [] : without(near, withRecord(span)),
  };
}

function hasRoom({ usual, near }: LogicalRoom, { start }: PartedWish, span: Span): boolean {
  if (span.first > span.last) return false;
  return spanAround(usual, span) !== undefined || (start.exact && spanAround(near, withRecord(span)) !== undefined);
}

function withRecord({ first, last }: Span): Span {
  return { first: first - 1, last };
}

/** Both ends on multiples of 1 MiB where both can be, else neither moves there. */
function placeOne(wish: PartedWish, disk: PartedDisk, free: readonly Span[], others: readonly Span[]): Span {
  const { first, last } = disk.usable;
  const start = rangeOf(wish.start, disk, [first, last + 1, ...others.map((other) => other.last + 1)], 0);
  const end = rangeOf(wish.end, disk, [last, ...others.map((other) => other.first - 1)], wish.end.binary ? 1 : 0);
  const isInside = others.some((other) => overlaps(other, { first: start.wanted, last: start.wanted }));
  const aligned = within(start, end, free, MiB / disk.sectorSize);
  return aligned ?? (isInside ? undefined : within(start, end, free, 1)) ?? { first: start.wanted, last: end.wanted };
}

/** The sectors that serve as one end of a partition. */
interface Range extends Span {
  /** The nearest to this is taken. */
  readonly wanted: Sectors;
}

/** A place, and how far it may move: half a unit. It moves to an edge of free space within that. */
function rangeOf(position: PartedPosition, disk: PartedDisk, edges: readonly Sectors[], outside: 0 | 1): Range {
  const { exact, unit } = position;
  const sector = sectorAt(position, disk) - outside;
  const length = unit === "%" ? disk.sectors / 100 : unit / disk.sectorSize;
  const radius = exact ? 0 : Math.floor((Math.ceil(length) - 1) / 2);
  // Beyond the disk by more than that it is a mistake.
  if (sector + outside - disk.sectors > radius) return { first: sector, last: sector, wanted: sector };
  const range = { first: sector - radius, last: Math.min(sector + radius, disk.sectors - 1) };
  const [edge] = edges
    .filter((one) => !exact && range.first <= one && one <= range.last)
    .toSorted((one, other) => Math.abs(one - sector) - Math.abs(other - sector));
  return { ...range, wanted: edge ?? Math.min(sector, disk.sectors - 1) };
}

/** The nearest sectors of both ranges within one free span: the start a multiple of `grain`, and what follows the end. */
function within(start: Range, end: Range, free: readonly Span[], grain: number): Span | undefined {
  const spans = free.flatMap((room) => {
    const latest = roundDown(Math.min(end.last, room.last) + 1, grain) - 1;
    const first = nearest(start, { first: room.first, last: latest }, grain, 0);
    const last = first === undefined ? undefined : nearest(end, { first, last: room.last }, grain, 1);
    return first === undefined || last === undefined ? [] : [{ first, last }];
  });
  return spans.toSorted((one, other) => distance(one, start) - distance(other, start))[0];
}

function nearest({ first, last, wanted }: Range, room: Span, grain: number, behind: 0 | 1): Sectors | undefined {
  const low = roundUp(Math.max(first, room.first) + behind, grain) - behind;
  const high = roundDown(Math.min(last, room.last) + behind, grain) - behind;
  if (high < low) return undefined;
  return Math.min(Math.max(roundNearest(wanted + behind, grain) - behind, low), high);
}

function distance({ first }: Span, { wanted }: Range): number {
  return Math.abs(first - wanted);
}

/** A logical partition has 1 MiB for its record before it, so that it may move further. */
function placeLogical(wish: PartedWish, disk: PartedDisk, free: readonly Span[]): Span {
  const start = sectorAt(wish.start, disk);
  const end = sectorAt(wish.end, disk);
  const lastInside = wish.end.binary ? end - 1 : end;
  const first = wish.start.exact ? start : alignedStart(start, disk, free);
  return { first, last: wish.end.exact ? lastInside : alignedEnd(lastInside, disk, free) };
}

/** The nearest multiple of 1 MiB that is free. */
function alignedStart(sector: Sectors, disk: PartedDisk, free: readonly Span[]): Sectors {
  const grain = MiB / disk.sectorSize;
  const rounded = roundNearest(sector, grain);
  const room = roomAt(rounded, free);
  return room === undefined ? rounded : Math.max(rounded, roundUp(room.first, grain));
}

function alignedEnd(sector: Sectors, disk: PartedDisk, free: readonly Span[]): Sectors {
  const grain = MiB / disk.sectorSize;
  const rounded = roundNearest(sector + 1, grain) - 1;
  const room = free.findLast((span) => span.first <= rounded) ?? disk.usable;
  return Math.min(rounded, roundDown(room.last + 1, grain) - 1);
}

/** The free span that a sector lies in, or the first one behind it. */
function roomAt(sector: Sectors, free: readonly Span[]): Span | undefined {
  return free.find((span) => sector <= span.last);
}

function roundNearest(value: number, step: number): number {
  return Math.round(value / step) * step;
}

/** parted takes no fraction of a unit. */
function unreadable({ key, start, end }: PartedWish): string | undefined {
  const isFraction = ({ value, unit }: PartedPosition) => unit !== "%" && value > 0 && value < 1;
  if (!isFraction(start) && !isFraction(end)) return undefined;
  return `partition ${key}: parted takes no place below 1 of its unit; write it in a smaller unit`;
}

function faultOf(
  { key, role }: PartedWish,
  span: Span,
  usable: Span,
  wishes: readonly PartedWish[],
  earlier: readonly Span[],
): string | undefined {
  const sectors = `sectors ${span.first} to ${span.last}`;
  if (span.last < span.first)
    return `partition ${key} would end at sector ${span.last}, before its start at ${span.first}`;
  const inTheWay = (taken: Span, index: number) =>
    overlaps(taken, span) && !(role === "logical" && wishes[index]?.role === "extended");
  const other = wishes[earlier.findIndex(inTheWay)];
  if (other !== undefined) return `partition ${key} (${sectors}) overlaps partition ${other.key}`;
  if (role === "logical")
    return `partition ${key} (${sectors}) has no free space in an extended partition, with 1 MiB before it for its record`;
  if (span.first < usable.first)
    return `partition ${key} (${sectors}) begins before the first usable sector ${usable.first}`;
  if (span.last > usable.last) return `partition ${key} (${sectors}) ends after the last usable sector ${usable.last}`;
  return undefined;
}
