import { throwIfAborted } from "../image/image.ts";
import type { DiskBytes } from "../inspect/disk-bytes.ts";
import { type Bytes, KiB, MiB } from "../layout/units.ts";

const chunkSize = 4 * MiB;
export const blockSize = 4 * KiB;

interface Watch {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: Bytes, total: Bytes) => void;
}

/**
 * The first byte that differs in each block of 4096 bytes, ascending, as far as both reach. What one has behind the end
 * of the other counts as one difference.
 *
 * @throws MkimageError INTERRUPTED.
 */
export function* differences(one: DiskBytes, other: DiskBytes, { signal, onProgress }: Watch): Generator<Bytes> {
  const size = Math.min(one.size, other.size);
  for (let offset = 0; offset < size; offset += chunkSize) {
    throwIfAborted(signal);
    const length = Math.min(chunkSize, size - offset);
    const [a, b] = [one.read(offset, length), other.read(offset, length)];
    if (!a.equals(b)) yield* differencesIn(a, b, offset);
    onProgress?.(offset + length, size);
  }
  if (one.size !== other.size) yield size;
}

function* differencesIn(a: Buffer, b: Buffer, offset: Bytes): Generator<Bytes> {
  for (let start = 0; start < a.length; start += blockSize) {
    const [x, y] = [a.subarray(start, start + blockSize), b.subarray(start, start + blockSize)];
    if (x.equals(y)) continue;
    yield offset + start + x.findIndex((byte, index) => byte !== y[index]);
  }
}
