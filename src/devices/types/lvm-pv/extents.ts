import { type Bytes, MiB } from "../../../base/units.ts";
import type { PhysicalExtents } from "../../found.ts";

/**
 * Returns how many extents a physical volume has once LVM has been told of the size of its device. LVM may keep its text at the end
 * too, in little more than a MiB, so that a device that is larger by less than that and an extent is not called larger.
 */
export function extentsAt(known: PhysicalExtents, before: Bytes, after: Bytes): number {
  const { count } = known;
  if (after === before && !isBehind(known, after)) return count;
  return Math.max(count, countAt(known, after));
}

/** Whether a device has grown before, and nobody has told its physical volume. */
export function isBehind({ start, size, count }: PhysicalExtents, device: Bytes): boolean {
  return device - start - count * size >= size + 2 * MiB;
}

/** Returns how many extents have room behind the start of the first one. */
export function countAt({ start, size }: Omit<PhysicalExtents, "count">, device: Bytes): number {
  return Math.max(0, Math.floor((device - start) / size));
}
