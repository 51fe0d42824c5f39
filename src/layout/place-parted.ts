import { type Placement, type Span, overlaps, spanAround, without } from "./span.ts";
import { type Sectors, MiB, roundDown, roundUp } from "./units.ts";

/** A place as parted reads it. */
export interface PartedPosition {
  /** `%` is a share of the disk, the other units are lengths. */
  readonly percent: number | undefined;
  readonly bytes: number;
  readonly fromEnd: boolean;
  /** Taken as it is; other places move to the nearest multiple of 1 MiB. */
  readonly exact: boolean;
  /** A power of 1024: as an end it names the first sector outside. */
  readonly binary: boolean;
}

/** One partition that wants a place. */
export interface PartedWish {
  readonly key: string;
  readonly role: "primary" | "extended" | "logical";
  readonly start: PartedPosition;
  readonly end: PartedPosition;
}

/** A disk for parted: its size, and what the table leaves to partitions. */
export interface PartedDisk {
  readonly sectorSize: number;
  readonly sectors: Sectors;
  readonly usable: Span;
}

const units: Readonly<Record<string, number>> = {
  "": 1e6,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 2 ** 10,
  m: 1e6,
  mb: 1e6,
  mib: 2 ** 20,
  g: 1e9,
  gb: 1e9,
  gib: 2 ** 30,
  t: 1e12,
  tb: 1e12,
  tib: 2 ** 40,
  p: 1e15,
  pb: 1e15,
  pib: 2 ** 50,
};

/** Reads `100%`, `1MiB`, `2048s`, `500M` (millions of bytes) or `-1s`. */
export function parsePartedPosition(text: string, sectorSize: number): PartedPosition {
  const match = /^(-?)(\d+(?:\.\d+)?)(.*)$/.exec(text);
  const value = Number(match?.[2] ?? Number.NaN);
  const unit = (match?.[3] ?? "").toLowerCase();
  const factor = unit === "s" ? sectorSize : (units[unit] ?? Number.NaN);
  return {
    percent: unit === "%" ? value : undefined,
    bytes: unit === "%" ? 0 : value * factor,
    fromEnd: match?.[1] === "-",
    exact: unit === "s" || unit === "b" || unit.endsWith("ib"),
    binary: unit.endsWith("ib"),
  };
}

/** Gives partitions their sectors, one after the other, as `parted --align optimal mkpart` does. */
export function placeParted(wishes: readonly PartedWish[], disk: PartedDisk): Placement {
  const spans: Span[] = [];
  let free: Span[] = [disk.usable];
  let freeInside: Span[] = [];
  const grain = MiB / disk.sectorSize;
  for (const wish of wishes) {
    const span = placeOne(wish, disk, wish.role === "logical" ? freeInside : free);
    const fitsInside = wish.role === "logical" && span.first <= span.last && spanAround(freeInside, span) !== undefined;
    const fault = fitsInside ? undefined : faultOf(wish, span, disk.usable, wishes, spans);
    if (fault !== undefined) return { fault };
    spans.push(span);
    if (wish.role !== "logical") free = without(free, span);
    // The 1 MiB before each logical partition begins with its record.
    if (wish.role === "extended") freeInside = [{ first: span.first + grain, last: span.last }];
    if (wish.role === "logical")
      freeInside = without(freeInside, { first: span.first - grain, last: span.last + grain });
  }
  return { spans };
}

function placeOne(wish: PartedWish, disk: PartedDisk, free: readonly Span[]): Span {
  const start = sectorAt(wish.start, disk);
  const end = sectorAt(wish.end, disk);
  const lastInside = wish.end.binary ? end - 1 : end;
  const first = wish.start.exact ? start : alignedStart(start, disk, free);
  return { first, last: wish.end.exact ? lastInside : alignedEnd(lastInside, disk, free) };
}

function sectorAt(position: PartedPosition, disk: PartedDisk): Sectors {
  const { percent, bytes, fromEnd } = position;
  const sectors = Math.floor(percent === undefined ? bytes / disk.sectorSize : (disk.sectors * percent) / 100);
  return fromEnd ? disk.sectors - sectors : sectors;
}

/** The nearest multiple of 1 MiB that is free. */
function alignedStart(sector: Sectors, disk: PartedDisk, free: readonly Span[]): Sectors {
  const grain = MiB / disk.sectorSize;
  const nearest = roundNearest(sector, grain);
  const room = roomAt(nearest, free);
  return room === undefined ? nearest : Math.max(nearest, roundUp(room.first, grain));
}

function alignedEnd(sector: Sectors, disk: PartedDisk, free: readonly Span[]): Sectors {
  const grain = MiB / disk.sectorSize;
  const nearest = roundNearest(sector + 1, grain) - 1;
  const room = free.findLast((span) => span.first <= nearest) ?? disk.usable;
  return Math.min(nearest, roundDown(room.last + 1, grain) - 1);
}

/** The free span that a sector lies in, or the first one behind it. */
function roomAt(sector: Sectors, free: readonly Span[]): Span | undefined {
  return free.find((span) => sector <= span.last);
}

function roundNearest(value: number, step: number): number {
  return Math.round(value / step) * step;
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
