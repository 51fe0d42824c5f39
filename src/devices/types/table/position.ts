import type { Span } from "../../../layout/span.ts";
import type { Sectors } from "../../../base/units.ts";

/** A place as parted reads it. */
export interface PartedPosition {
  /** How many of its unit. */
  readonly value: number;
  /** In bytes; `%`: a hundredth of the disk. */
  readonly unit: number | "%";
  readonly fromEnd: boolean;
  /** Taken as it is; another place is anywhere within half a unit, best on a multiple of 1 MiB. */
  readonly exact: boolean;
  /** A power of 1024: as an end it names the first sector outside. */
  readonly binary: boolean;
}

/** A disk for parted: its size, and what the table leaves to partitions. */
export interface PartedDisk {
  readonly sectorSize: number;
  readonly sectors: Sectors;
  readonly usable: Span;
}

/** Reads `100%`, `1MiB`, `2048s`, `500M` (millions of bytes) or `-1s`. */
export function parsePartedPosition(text: string, sectorSize: number): PartedPosition {
  const match = /^(-?)(\d+(?:\.\d+)?)(.*)$/.exec(text);
  const value = Number(match?.[2] ?? Number.NaN);
  const unit = (match?.[3] ?? "").toLowerCase();
  return {
    value,
    unit: unit === "%" ? "%" : unit === "s" ? sectorSize : (units[unit] ?? Number.NaN),
    fromEnd: match?.[1] === "-",
    exact: unit === "s" || unit === "b" || unit.endsWith("ib"),
    binary: unit.endsWith("ib"),
  };
}

/** The sector that a place names. */
export function sectorAt({ value, unit, fromEnd }: PartedPosition, { sectors, sectorSize }: PartedDisk): Sectors {
  const bytes = unit === "%" ? Math.floor((sectorSize * sectors) / 100) : unit;
  const count = Math.floor((value * bytes) / sectorSize);
  return fromEnd ? sectors - count : count;
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
