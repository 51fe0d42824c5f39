import { type Chunk, readImage, type ChunkRun } from "../image/chunk.ts";
import type { DeviceImage } from "../image/image.ts";
import { MemorySlots } from "../image/memory-slots.ts";
import { KiB, MiB, roundDown, roundUp, type Bytes } from "../base/units.ts";
import { BlockMemory } from "./block-memory.ts";
import { blockSize } from "./checksums.ts";
import { writeDirect } from "./direct-io.ts";
import { directMemory } from "./direct-memory.ts";
import type { Ends } from "./ends.ts";
import { HeldBack } from "./held-back.ts";
import { requireRunning } from "./interruption.ts";
import type { OpenDevice } from "./open-device.ts";

export const chunkSize: Bytes = 4 * MiB;
/** Two on their way to the device, one being filled. */
const slotCount = 3;
/** A hole this short is cheaper to write than to leave out. */
const shortGap: Bytes = 128 * KiB;

/** The expected contents of the device, and the ends still to be written. */
export interface WrittenData {
  /** The checksums of the chunk at an offset; a chunk that is missing holds zeros. */
  readonly checksums: ReadonlyMap<Bytes, Uint32Array>;
  readonly ends: Ends;
  readonly bytesWritten: Bytes;
}

interface DataOptions {
  /** Holes were discarded, and are left out; otherwise they are written as zeros. */
  readonly discarded: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (done: Bytes, total: Bytes) => void;
}

/**
 * Writes everything but what makes the device bootable: zeros stand for the first blocks and for the image's own
 * backup GPT.
 *
 * @throws MkimageError DEVICE_FAILED, SOURCE_CHANGED, BAD_IMAGE, INTERRUPTED.
 */
export async function writeData(open: OpenDevice, image: DeviceImage, options: DataOptions): Promise<WrittenData> {
  const memory = new BlockMemory(slotCount, chunkSize + 1);
  const slots = new MemorySlots(memory.pieces);
  try {
    return await writeChunks(open, image, options, { memory, slots });
  } finally {
    // Nothing may still be on its way to the device when an error has reached our caller.
    await slots.settled().catch(() => undefined);
  }
}

async function writeChunks(
  open: OpenDevice,
  image: DeviceImage,
  { discarded, signal, onProgress }: DataOptions,
  { memory, slots }: { readonly memory: BlockMemory; readonly slots: MemorySlots },
): Promise<WrittenData> {
  const held = new HeldBack(open.device, image.size);
  const checksums = new Map<Bytes, Uint32Array>();
  const zeroed = image.zeroedUpTo ?? image.size;
  let bytesWritten = 0;
  let next = 0;
  for (const chunk of readImage(image, { chunkSize, memory: () => slots.take() })) {
    held.take(chunk);
    checksums.set(chunk.offset, memory.checksums(chunk.bytes));
    const pieces = discarded ? joinRuns(chunk) : [{ start: 0, end: chunk.bytes.length }];
    slots.use(chunk.memory, writePieces(open, chunk, pieces));
    bytesWritten += pieces.reduce((sum, { start, end }) => sum + end - start, 0);
    if (!discarded)
      bytesWritten += await writeZeros(open, { start: next, end: Math.min(chunk.offset, zeroed) }, signal);
    next = chunk.offset + chunk.bytes.length;
    onProgress(next, image.size);
    requireRunning(signal);
    await slots.available();
  }
  if (!discarded) bytesWritten += await writeZeros(open, { start: next, end: zeroed }, signal);
  await slots.settled();
  return { checksums, ends: held.ends, bytesWritten };
}

/** Fewer, longer runs of whole blocks: each block is then either written or a hole, never both. */
export function joinRuns({ runs, bytes }: Chunk): ChunkRun[] {
  const joined: ChunkRun[] = [];
  for (const run of runs) {
    const start = roundDown(run.start, blockSize);
    const end = Math.min(roundUp(run.end, blockSize), bytes.length);
    const last = joined.at(-1);
    if (last === undefined || start - last.end > shortGap) joined.push({ start, end });
    else joined[joined.length - 1] = { start: last.start, end };
  }
  return joined;
}

async function writePieces(open: OpenDevice, { offset, bytes }: Chunk, pieces: readonly ChunkRun[]): Promise<void> {
  for (const { start, end } of pieces) {
    await writeDirect(open, wholeSectors(bytes, start, end, open.device.sectorSize), offset + start);
  }
}

/** The image's last piece may end within a sector: the memory behind it is ours, and is zeroed. */
function wholeSectors(bytes: Uint8Array, start: number, end: number, sectorSize: Bytes): Uint8Array {
  const rounded = roundUp(end, sectorSize);
  const whole = new Uint8Array(bytes.buffer, bytes.byteOffset, Math.max(rounded, bytes.length));
  whole.fill(0, bytes.length);
  return whole.subarray(start, rounded);
}

/** Writes zeros from `start` up to `end`, to whole sectors; returns how many. */
export async function writeZeros(open: OpenDevice, { start, end }: ChunkRun, signal?: AbortSignal): Promise<Bytes> {
  if (start >= end) return 0;
  const last = roundUp(end, open.device.sectorSize);
  const zeros = directMemory(Math.min(chunkSize, last - start));
  for (let done = start; done < last; done += zeros.length) {
    requireRunning(signal);
    await writeDirect(open, zeros.subarray(0, Math.min(zeros.length, last - done)), done);
  }
  return last - start;
}
