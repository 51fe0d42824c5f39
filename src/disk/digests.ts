import { hash } from "node:crypto";
import { KiB, type Bytes } from "../layout/units.ts";

/** The pieces that are compared, and the exactness with which a difference is located. */
export const blockSize: Bytes = 64 * KiB;

const digestLength = 32;

/** The SHA-256 of each block of some bytes, one after the other. */
export function digestBlocks(bytes: Uint8Array): Buffer {
  const blocks = [...blocksOf(bytes)];
  const digests = Buffer.alloc(blocks.length * digestLength);
  for (const [index, block] of blocks.entries()) digests.set(hash("sha256", block, "buffer"), index * digestLength);
  return digests;
}

/** A block whose bytes are not the expected ones. `start` counts from the first byte given. */
export interface Difference {
  readonly start: Bytes;
  readonly length: Bytes;
  /** Zeros were expected there. */
  readonly hole: boolean;
}

/** The blocks that do not have the expected digests; without digests, those that are not zeros. */
export function findDifferences(bytes: Uint8Array, expected: Buffer | undefined): Difference[] {
  const differences: Difference[] = [];
  for (const [index, block] of [...blocksOf(bytes)].entries()) {
    const wanted = expected?.subarray(index * digestLength, (index + 1) * digestLength);
    if (wanted === undefined ? isZero(block) : wanted.equals(hash("sha256", block, "buffer"))) continue;
    const hole = wanted === undefined || wanted.equals(hash("sha256", zeros.subarray(0, block.length), "buffer"));
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
