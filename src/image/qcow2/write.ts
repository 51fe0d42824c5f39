import { availableParallelism } from "node:os";
import { MiB } from "../../layout/units.ts";
import { aThread } from "../../threads/thread-pool.ts";
import type { Thread } from "../../threads/thread.ts";
import { readImage } from "../chunk.ts";
import { spaceError } from "../free-space.ts";
import { type Image, type SinkOptions, throwIfAborted } from "../image.ts";
import { MemorySlots } from "../memory-slots.ts";
import { clusterSize, type Compression } from "./format.ts";

export interface Qcow2Options extends SinkOptions {
  readonly compression: Compression;
  /**
   * How many clusters are given away at a time; the bytes do not depend on it. Default: six for each processor, so that
   * none waits for the next.
   */
  readonly coders?: number;
}

/** How much is read at a time. While one piece is filled, others are compressed. */
const chunkSize = MiB;
const slotCount = 6;
const clustersInSlots = (slotCount * chunkSize) / clusterSize;

/**
 * Writes an image as a qcow2 file, straight from its extents: this thread reads into memory that another one compresses
 * and writes from. There, what compressing throws away costs no walk through a manifest. When it fails the file stays
 * behind, without a header.
 *
 * @throws MkimageError SOURCE_CHANGED, NO_SPACE, INTERRUPTED.
 */
export async function writeQcow2(image: Image, path: string, options: Qcow2Options): Promise<void> {
  const { compression, coders = Math.min(6 * availableParallelism(), clustersInSlots) } = options;
  const slots = Array.from({ length: slotCount }, () => new SharedArrayBuffer(chunkSize + clusterSize));
  const thread = aThread();
  try {
    const file = await thread.run("openQcow2", { path, size: image.size, compression, coders, slots });
    try {
      await sendChunks(image, { thread, file, slots }, options);
      await thread.run("finishQcow2", file);
    } catch (error) {
      await thread.run("closeQcow2", file).catch(() => undefined);
      throw error;
    }
    await thread.run("closeQcow2", file);
  } catch (error) {
    throw await spaceError(error, path, image.size);
  }
  options.onProgress?.(image.size, image.size);
}

interface OpenFile {
  readonly thread: Thread;
  readonly file: number;
  readonly slots: readonly SharedArrayBuffer[];
}

async function sendChunks(image: Image, { thread, file, slots }: OpenFile, options: Qcow2Options): Promise<void> {
  const memories = slots.map((slot) => new Uint8Array(slot));
  const free = new MemorySlots(memories);
  try {
    for (const { offset, bytes, memory } of readImage(image, { chunkSize, memory: () => free.take() })) {
      throwIfAborted(options.signal);
      options.onProgress?.(offset, image.size);
      const piece = { slot: memories.indexOf(memory as Uint8Array<SharedArrayBuffer>), offset, length: bytes.length };
      free.use(memory, thread.run("writeToQcow2", { file, piece }));
      await free.available();
    }
  } finally {
    await free.settled();
  }
}
