import { statSync } from "node:fs";
import { type Bytes, MiB } from "../base/units.ts";

/**
 * The size that bounds the cost of reading something, since a file of some kilobytes can claim to hold terabytes: four
 * times the allocated bytes, and at least 16 MiB, since the filesystem that it is on may compress.
 */
export function realSizeOf(size: Bytes, storedBytes: Bytes): Bytes {
  return Math.min(size, Math.max(16 * MiB, 4 * storedBytes));
}

/** As above, of a file as it is stored. */
export function realSizeOfFile(path: string): Bytes {
  const { size, blocks } = statSync(path);
  return realSizeOf(size, blocks * 512);
}
