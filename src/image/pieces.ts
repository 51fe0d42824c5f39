import { type Bytes, roundDown } from "../layout/units.ts";
import { dataExtents } from "./data-extents.ts";
import { type Extent, partOfSource } from "./extent.ts";
import type { Image } from "./image.ts";

/** The data of an image between two borders of a grid. */
export interface Piece {
  /** The lower border. */
  readonly offset: Bytes;
  readonly extents: readonly Extent[];
}

/** Cuts an image into pieces of up to `pieceSize` bytes, which can be written in any order. Throws as `dataExtents`. */
export function* splitImage(image: Image, pieceSize: Bytes): Generator<Piece> {
  let offset = 0;
  let extents: Extent[] = [];
  for (const extent of dataExtents(image)) {
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

function* cutAtBorders(extent: Extent, pieceSize: Bytes): Generator<Extent> {
  const { offset, source } = extent;
  const end = offset + extent.length;
  let border = roundDown(offset, pieceSize) + pieceSize;
  if (end <= border) return yield extent;
  for (let start = offset; start < end; border += pieceSize) {
    const length = Math.min(end, border) - start;
    yield { offset: start, length, source: partOfSource(source, start - offset, length) };
    start += length;
  }
}
