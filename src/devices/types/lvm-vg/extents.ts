import type { LogicalVolumeNode } from "./schema.ts";
import { type Bytes, MiB } from "../../../base/units.ts";

/** The size of an extent in groups that are made here, and what LVM keeps at the start of a physical volume there. */
export const usualExtentSize: Bytes = 4 * MiB;
export const physicalVolumeHeader: Bytes = MiB;

/**
 * How many extents of a volume group a logical volume of so many extents takes, with its copies, parity and metadata.
 *
 * Source: lvmraid(7), lvmthin(7); stripes and mirrors as `-i` and `-m` say, else LVM's defaults.
 */
export function takenExtents(volume: LogicalVolumeNode, logical: number, extentSize: Bytes): number {
  const copies = numberAfter(volume, ["-m", "--mirrors"], 1) + 1;
  switch (volume.lvm_type) {
    case null:
      return logical;
    case "mirror":
      return logical * copies + 1;
    case "raid0":
      return toStripes(logical, stripesOf(volume, 2));
    case "raid1":
      return logical * copies + copies;
    case "raid4":
    case "raid5":
      return withParity(logical, stripesOf(volume, 2), 1);
    case "raid6":
      return withParity(logical, stripesOf(volume, 3), 2);
    case "thin-pool":
      return logical + 2 * thinMetadata(logical, extentSize);
    case "thinlv":
      return 0;
  }
}

/** The largest volume that takes no more than so many extents. */
export function logicalExtents(volume: LogicalVolumeNode, available: number, extentSize: Bytes): number {
  let low = 0;
  let high = available;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (takenExtents(volume, middle, extentSize) <= available) low = middle;
    else high = middle - 1;
  }
  return low;
}

function stripesOf(volume: LogicalVolumeNode, fallback: number): number {
  return numberAfter(volume, ["-i", "--stripes"], fallback);
}

function toStripes(logical: number, stripes: number): number {
  return Math.ceil(logical / stripes) * stripes;
}

/** Each image has an extent of metadata. */
function withParity(logical: number, stripes: number, parity: number): number {
  return (Math.ceil(logical / stripes) + 1) * (stripes + parity);
}

/** A 1024th of the pool, from 2 MiB to 128 MiB; it is kept twice, once as a spare. */
function thinMetadata(logical: number, extentSize: Bytes): number {
  const bytes = Math.min(Math.max((logical * extentSize) / 1024, 2 * MiB), 128 * MiB);
  return Math.ceil(bytes / extentSize);
}

function numberAfter({ extraArgs }: LogicalVolumeNode, names: readonly string[], fallback: number): number {
  const words = extraArgs.flatMap((word) => word.split(/[\s=]+/));
  const index = words.findLastIndex((word) => names.includes(word));
  const value = index < 0 ? Number.NaN : Number(words[index + 1]);
  return Number.isInteger(value) ? value : fallback;
}
