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

/** A piece that may hold nothing. */
export interface WholePiece extends Piece {
  /** Shorter than the others at the image's end. */
  readonly length: Bytes;
}

/**
 * As `splitImage`, with the pieces among them that hold nothing.
 *
 * @throws MkimageError INTERNAL as `ExtentOrder`.
 */
export function* splitWhole(image: Image, pieceSize: Bytes): Generator<WholePiece> {
  const piece = (offset: Bytes, extents: readonly Extent[]): WholePiece => {
    return { offset, length: Math.min(pieceSize, image.size - offset), extents };
  };
  let next = 0;
  for (const { offset, extents } of splitImage(image, pieceSize)) {
    for (; next < offset; next += pieceSize) yield piece(next, []);
    yield piece(offset, extents);
    next = offset + pieceSize;
  }
  for (; next < image.size; next += pieceSize) yield piece(next, []);
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
