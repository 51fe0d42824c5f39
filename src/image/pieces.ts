import { type Bytes, roundDown } from "../base/units.ts";
import { type Extent, partOfSource } from "./extent.ts";
import { ExtentOrder } from "./extent-order.ts";
import type { Image } from "./image.ts";

/** The data of an image between two borders of a grid. */
interface Piece {
  /** The lower border. */
  readonly offset: Bytes;
  readonly extents: readonly Extent[];
}

/**
 * Cuts an image into pieces of up to `pieceSize` bytes, which can be written in any order.
 *
 * @throws MkimageError INTERNAL as `ExtentOrder`.
 */
export function* splitImage(image: Image, pieceSize: Bytes): Generator<Piece> {
  const order = new ExtentOrder(image.size);
  let offset = 0;
  let extents: Extent[] = [];
  for (const extent of image.extents) {
    order.require(extent);
    if (extent.source.kind === "zeros") continue;
    for (const part of cutAtBorders(extent, pieceSize)) {
      const border = roundDown(part.offset, pieceSize);
      if (border > offset && extents.length > 0) {
        yield { offset, extents };
        extents = [];
      }
      offset = border;
      extents.push(part);
    }
  }
  if (extents.length > 0) yield { offset, extents };
}

function cutAtBorders(extent: Extent, pieceSize: Bytes): readonly Extent[] {
  const { offset, source } = extent;
  const end = offset + extent.length;
  let border = roundDown(offset, pieceSize) + pieceSize;
  if (end <= border) return [extent];
  const parts: Extent[] = [];
  for (let start = offset; start < end; border += pieceSize) {
    const length = Math.min(end, border) - start;
    parts.push({ offset: start, length, source: partOfSource(source, start - offset, length) });
    start += length;
  }
  return parts;
}
