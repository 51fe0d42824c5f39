import type { DiskBytes } from "../../image/disk-bytes.ts";
import type { Turns } from "../../image/turns.ts";
import { type Bytes, KiB, MiB, roundDown } from "../../base/units.ts";

const chunkSize = 4 * MiB;
const blockSize = 4 * KiB;

/**
 * Finds the first differing byte of each block of 4096 bytes, ascending, as far as both disks reach. The rest of the longer
 * one counts as one difference. Ranges that are holes in both are not read.
 *
 * @throws MkimageError INTERRUPTED.
 */
export async function* differences(
  one: DiskBytes,
  other: DiskBytes,
  turns: Turns,
  onProgress: (done: Bytes, total: Bytes) => void,
): AsyncGenerator<Bytes> {
  const size = Math.min(one.size, other.size);
  for (let offset = nextData(one, other, 0); offset < size; offset = nextData(one, other, offset + chunkSize)) {
    if (turns.isOver) await turns.next();
    const length = Math.min(chunkSize, size - offset);
    const [a, b] = [one.read(offset, length), other.read(offset, length)];
    if (!a.equals(b)) yield* differencesIn(a, b, offset);
    onProgress(offset + length, size);
  }
  if (one.size !== other.size) yield size;
}

/** The first block from here on that is no hole in one of them. */
function nextData(one: DiskBytes, other: DiskBytes, offset: Bytes): Bytes {
  const next = Math.min(one.nextData(offset), other.nextData(offset));
  return Math.max(offset, roundDown(next, blockSize));
}

function* differencesIn(a: Buffer, b: Buffer, offset: Bytes): Generator<Bytes> {
  for (let start = 0; start < a.length; start += blockSize) {
    const [x, y] = [a.subarray(start, start + blockSize), b.subarray(start, start + blockSize)];
    if (x.equals(y)) continue;
    yield offset + start + x.findIndex((byte, index) => byte !== y[index]);
  }
}
