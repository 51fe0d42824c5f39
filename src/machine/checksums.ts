import { KiB, type Bytes } from "../base/units.ts";

/** The pieces that are compared, and the exactness with which a difference is located. */
export const blockSize: Bytes = 64 * KiB;

/** That of a block of zeros. */
const zerosChecksum = 0xf15715a4;

/** A block whose bytes are not the expected ones. `start` counts from the first byte of the first block. */
export interface Difference {
  readonly start: Bytes;
  readonly length: Bytes;
  /** Zeros were expected there. */
  readonly hole: boolean;
}

/** The blocks of `length` bytes that do not have the expected checksums; without these, that of zeros. */
export function findDifferences(
  found: Uint32Array,
  expected: Uint32Array | undefined,
  length: Bytes,
): readonly Difference[] {
  return [...found].flatMap((checksum, index) => {
    const wanted = expected === undefined ? zerosChecksum : expected[index];
    if (checksum === wanted) return [];
    const start = index * blockSize;
    return [{ start, length: Math.min(blockSize, length - start), hole: wanted === zerosChecksum }];
  });
}
