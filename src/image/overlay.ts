import type { Bytes } from "../layout/units.ts";
import type { Extent } from "./extent.ts";

/**
 * One ascending list of several that do not overlap: a partition table, boot code, filesystems. Each list is ascending
 * by itself, and is not read before the ones that begin earlier are used up.
 *
 * @throws Error when two of them overlap, which no plan does.
 */
export function* joinExtents(lists: readonly PlacedExtents[]): Generator<Extent> {
  let end: Bytes = 0;
  for (const list of lists.toSorted((a, b) => a.start - b.start)) {
    for (const extent of list.extents) {
      if (extent.offset < end) throw new Error(`extents overlap at byte ${extent.offset} of the image`);
      end = extent.offset + extent.length;
      yield extent;
    }
  }
}

/** Extents that all lie at or after `start`, and before the start of the next list. */
export interface PlacedExtents {
  readonly start: Bytes;
  readonly extents: Iterable<Extent>;
}
