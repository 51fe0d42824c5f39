import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { bytesExtent, type Extent, fileExtent } from "../../src/image/extent.ts";
import type { Image } from "../../src/image/image.ts";
import { byteString } from "../../src/base/byte-string.ts";

/** An image as a list of pieces, one behind the other. */
export interface Piece {
  readonly kind: "gap" | "zeros" | "bytes" | "file";
  readonly length: number;
  readonly seed: number;
}

export const pieces = fc.array(
  fc.record({
    kind: fc.constantFrom("gap", "zeros", "bytes", "file"),
    length: fc.oneof(fc.integer({ min: 0, max: 9000 }), fc.constantFrom(4096, 65536, 200_000, 2_500_000)),
    seed: fc.integer({ min: 0, max: 255 }),
  }),
  { maxLength: 12 },
);

/** The pieces as an image, and the bytes that it stands for. Files are made in `folder`. */
export function sampleImage(folder: string, list: readonly Piece[], tail = 1000): { image: Image; bytes: Buffer } {
  const size = Math.ceil((list.reduce((sum, piece) => sum + piece.length, 0) + tail) / 512) * 512;
  const bytes = Buffer.alloc(size);
  const extents: Extent[] = [];
  let offset = 0;
  for (const [index, piece] of list.entries()) {
    extents.push(...extentsOf(piece, offset, join(folder, `piece ${index} é`), bytes));
    offset += piece.length;
  }
  return { image: { size, extents }, bytes };
}

/** Bytes of which one half compresses well and the other does not compress. */
export function sampleBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed + 1;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    bytes[index] = index % 131_072 < 65_536 ? state >>> 16 : seed + 1;
  }
  return bytes;
}

function extentsOf({ kind, length, seed }: Piece, offset: number, path: string, image: Buffer): Extent[] {
  if (kind === "gap") return [];
  if (kind === "zeros") return [{ offset, length, source: { kind } }];
  const bytes = sampleBytes(length, seed);
  bytes.copy(image, offset);
  if (kind === "bytes") return [bytesExtent(offset, bytes)];
  writeFileSync(path, Buffer.concat([Buffer.alloc(seed), bytes]));
  return [fileExtent(offset, length, byteString(path), seed)];
}
