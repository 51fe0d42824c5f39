import type { Bytes } from "../base/units.ts";
import type { Extent } from "./extent.ts";

/**
 * One ascending list of several that do not overlap: a partition table, boot code, filesystems. Each list is ascending
 * by itself, and is not read before the ones that begin earlier are used up.
 */
export function* joinExtents(lists: readonly PlacedExtents[]): Generator<Extent> {
  for (const { extents } of lists.toSorted((a, b) => a.start - b.start)) yield* extents;
}

/** Extents that all lie at or after `start`, and before the start of the next list. */
export interface PlacedExtents {
  readonly start: Bytes;
  readonly extents: Iterable<Extent>;
}
