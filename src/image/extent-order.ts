import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import type { Extent } from "./extent.ts";

/** Watches over the extents of an image: what breaks their contract must not end as a broken image. */
export class ExtentOrder {
  readonly #size: Bytes;
  #end: Bytes = 0;

  constructor(size: Bytes) {
    this.#size = size;
  }

  /** @throws MkimageError INTERNAL when an extent begins before the last one has ended, or reaches beyond the image. */
  require({ offset, length }: Extent): void {
    const end = offset + length;
    if (offset < this.#end || end > this.#size) {
      const place = `${offset}+${length}`;
      throw new MkimageError("INTERNAL", `extent ${place} is out of order: ${this.#end} to ${this.#size} is free`);
    }
    this.#end = end;
  }
}
