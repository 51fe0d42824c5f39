import type { Bytes } from "../base/units.ts";
import type { ByteString } from "../base/byte-string.ts";

/**
 * Where the bytes of an extent come from. `blocks` are made when they are read, each into 4096 bytes of zeros; `position`
 * counts from the first of them.
 */
export type ExtentSource =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "zeros" }
  | { readonly kind: "blocks"; readonly write: WriteBlock; readonly position: Bytes }
  | FileSource;

/**
 * A file, from `position` on, or else from its beginning. Where the other fields say what it was when the image was planned,
 * a reader notices another file in its place, or one that was written to since: `inode` and `stamp` are a `FileIdentity`.
 * By `fileSize` it notices one that has grown; one that has shrunk in any case. A path with any of these ends in no link.
 */
export interface FileSource {
  readonly kind: "file";
  readonly path: ByteString;
  readonly position?: Bytes;
  readonly fileSize?: Bytes;
  readonly inode?: number;
  readonly stamp?: number;
}

/** Makes the block with this index, the same each time that it is asked for. */
export type WriteBlock = (index: number, block: Buffer) => void;

export const blockLength: Bytes = 4096;

/**
 * A run of bytes at `offset`. Lists of extents are in ascending order and do not overlap; what no extent covers reads
 * as zeros, and is a hole where holes exist.
 */
export interface Extent {
  readonly offset: Bytes;
  readonly length: Bytes;
  readonly source: ExtentSource;
}

/** A run of bytes, whatever is in it. */
export type Run = Pick<Extent, "offset" | "length">;

/** The bytes of runs altogether. */
export function lengthOf(runs: Iterable<Pick<Run, "length">>): Bytes {
  let sum = 0;
  for (const { length } of runs) sum += length;
  return sum;
}

/** An extent of literal bytes. */
export function bytesExtent(offset: Bytes, bytes: Uint8Array): Extent {
  return { offset, length: bytes.length, source: { kind: "bytes", bytes } };
}

/** An extent of so many blocks that are made when they are read. */
export function blocksExtent(offset: Bytes, count: number, write: WriteBlock): Extent {
  return { offset, length: count * blockLength, source: { kind: "blocks", write, position: 0 } };
}

/** An extent that repeats `length` bytes of a file from `position` on. */
export function fileExtent(offset: Bytes, length: Bytes, path: ByteString, position: Bytes = 0): Extent {
  return { offset, length, source: { kind: "file", path, position } };
}

/** The same extents, `distance` bytes further on: a filesystem inside its partition. */
export function* shiftExtents(extents: Iterable<Extent>, distance: Bytes): Generator<Extent> {
  for (const extent of extents) {
    yield { offset: extent.offset + distance, length: extent.length, source: extent.source };
  }
}

/** The parts of extents that lie between `start` and `end`. */
export function* clipExtents(extents: Iterable<Extent>, start: Bytes, end: Bytes): Generator<Extent> {
  for (const extent of extents) {
    const skipped = Math.max(start - extent.offset, 0);
    const length = Math.min(end - extent.offset, extent.length) - skipped;
    if (length <= 0) continue;
    yield { offset: extent.offset + skipped, length, source: partOfSource(extent.source, skipped, length) };
  }
}

/** `length` bytes of a source from `skip` on. */
export function partOfSource(source: ExtentSource, skip: Bytes, length: Bytes): ExtentSource {
  if (source.kind === "bytes") return { kind: "bytes", bytes: source.bytes.subarray(skip, skip + length) };
  if (source.kind === "zeros" || skip === 0) return source;
  return { ...source, position: (source.position ?? 0) + skip };
}
