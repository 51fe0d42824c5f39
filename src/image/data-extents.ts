import { MkimageError } from "../errors.ts";
import type { Extent } from "./extent.ts";
import type { Image } from "./image.ts";

/**
 * The extents of an image that hold data, checked: a writer that breaks their contract must not end as a broken image.
 *
 * @throws MkimageError INTERNAL.
 */
export function* dataExtents(image: Image): Generator<Extent> {
  let end = 0;
  for (const extent of image.extents) {
    if (extent.offset < end || extent.offset + extent.length > image.size) {
      const place = `${extent.offset}+${extent.length}`;
      throw new MkimageError("INTERNAL", `extent ${place} is out of order: ${end} to ${image.size} is free`);
    }
    end = extent.offset + extent.length;
    if (extent.source.kind !== "zeros") yield extent;
  }
}
