import type { Bytes } from "../../base/units.ts";
import { readImage } from "../chunk.ts";
import type { Extent } from "../extent.ts";
import { type CompressorName, compressors } from "./compressors.ts";
import type { PieceRecord } from "./compressor.ts";

/** A piece of an image, of `length` bytes; what no extent covers is zeros. */
export interface PieceToCompress {
  readonly compressor: CompressorName;
  readonly imageSize: Bytes;
  readonly length: Bytes;
  readonly extents: Iterable<Extent>;
}

export interface CompressedPiece extends PieceRecord {
  /** In memory of its own, so that a thread can give it away. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const memories = new Map<Bytes, Uint8Array>();

/**
 * Reads a piece and compresses it, without a pause.
 *
 * @throws MkimageError SOURCE_CHANGED.
 */
export function compressPiece({ compressor: name, imageSize, length, extents }: PieceToCompress): CompressedPiece {
  const compressor = compressors[name];
  const memory = memoryOf(compressor.pieceSize);
  const image = { size: imageSize, extents };
  const [chunk] = readImage(image, { chunkSize: compressor.pieceSize, memory: () => memory });
  const piece = chunk?.bytes ?? memory.subarray(0, length).fill(0);
  const bytes = Uint8Array.from(compressor.compress(piece));
  return { bytes, stored: bytes.length, length, checksum: compressor.checksum(piece) };
}

/** Each thread's own, which it keeps. */
function memoryOf(pieceSize: Bytes): Uint8Array {
  const memory = memories.get(pieceSize) ?? new Uint8Array(pieceSize + 1);
  memories.set(pieceSize, memory);
  return memory;
}
