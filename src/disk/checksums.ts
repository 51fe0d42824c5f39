import { crc32 } from "node:zlib";
import { KiB, type Bytes } from "../layout/units.ts";

/** The pieces that are compared, and the exactness with which a difference is located. */
export const blockSize: Bytes = 64 * KiB;

/**
 * The CRC-32 of each block of some bytes. What must be noticed is what devices do by accident, and a cryptographic hash
 * would be slower than a fast device.
 */
export function checksumBlocks(bytes: Uint8Array): Uint32Array {
  return Uint32Array.from(blocksOf(bytes), (block) => crc32(block));
}

/** A block whose bytes are not the expected ones. `start` counts from the first byte given. */
export interface Difference {
  readonly start: Bytes;
  readonly length: Bytes;
  /** Zeros were expected there. */
  readonly hole: boolean;
}

/** The blocks that do not have the expected checksums; without checksums, those that are not zeros. */
export function findDifferences(bytes: Uint8Array, expected: Uint32Array | undefined): Difference[] {
  const differences: Difference[] = [];
  for (const [index, block] of [...blocksOf(bytes)].entries()) {
    const wanted = expected?.[index];
    if (wanted === undefined ? isZero(block) : wanted === crc32(block)) continue;
    const hole = wanted === undefined || wanted === crc32(zeros.subarray(0, block.length));
    differences.push({ start: index * blockSize, length: block.length, hole });
  }
  return differences;
}

const zeros = new Uint8Array(blockSize);

function* blocksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += blockSize) yield bytes.subarray(start, start + blockSize);
}

function isZero(block: Uint8Array): boolean {
  return Buffer.compare(block, zeros.subarray(0, block.length)) === 0;
}
