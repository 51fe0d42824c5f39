import { roundUp, type Bytes } from "../base/units.ts";

const pageSize = 4096;

/**
 * Zeroed memory that starts on a page: reads and writes past the cache (O_DIRECT) want that, and a Buffer is refused
 * with EINVAL. Of JavaScript's own buffers only resizable ones are sure to have pages of their own. Up to a page longer
 * than asked for, so that a length can be rounded up to whole sectors.
 */
export function directMemory(length: Bytes): Uint8Array<ArrayBuffer> {
  const maxByteLength = roundUp(length, pageSize);
  return new Uint8Array(new ArrayBuffer(maxByteLength, { maxByteLength }));
}

/** A copy in memory that may go past the cache, filled up with zeros to whole sectors. */
export function directCopy(bytes: Uint8Array, sectorSize: Bytes): Uint8Array<ArrayBuffer> {
  const memory = directMemory(bytes.length);
  memory.set(bytes);
  return memory.subarray(0, roundUp(bytes.length, sectorSize));
}
