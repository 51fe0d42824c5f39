import { type FileHandle, open } from "node:fs/promises";
import { MiB } from "../layout/units.ts";
import { type Chunk, readImage } from "./chunk.ts";
import { writeFully } from "./file-output.ts";
import { spaceError } from "./free-space.ts";
import { type Image, type SinkOptions, throwIfAborted } from "./image.ts";
import { MemorySlots } from "./memory-slots.ts";

const chunkSize = MiB;
/** One chunk is filled while another is written, and a third waits. */
const slotCount = 3;

/**
 * Writes an image into a sparse file, which is made, or emptied first. Gaps and `zeros` extents become holes. When it
 * fails the file stays behind, incomplete.
 *
 * @throws MkimageError SOURCE_CHANGED, NO_SPACE, INTERRUPTED.
 */
export async function writeRaw(image: Image, path: string, options: SinkOptions = {}): Promise<void> {
  try {
    await using file = await open(path, "w");
    await file.truncate(image.size);
    await writeChunks(image, file, options);
  } catch (error) {
    throw await spaceError(error, path, image.size);
  }
}

async function writeChunks(image: Image, file: FileHandle, { signal, onProgress }: SinkOptions): Promise<void> {
  const slots = new MemorySlots(slotCount, chunkSize + 1);
  let written = Promise.resolve();
  try {
    for (const chunk of readImage(image, { chunkSize, memory: () => slots.take() })) {
      throwIfAborted(signal);
      // One write at a time: two of them would only wait for each other at the file's lock in the kernel.
      written = written.then(() => writeRuns(file, chunk));
      slots.use(chunk.memory, written);
      onProgress?.(chunk.offset, image.size);
      await slots.available();
    }
  } finally {
    await slots.settled();
  }
  onProgress?.(image.size, image.size);
}

async function writeRuns(file: FileHandle, chunk: Chunk): Promise<void> {
  for (const { start, end } of chunk.runs) {
    await writeFully(file, chunk.bytes.subarray(start, end), chunk.offset + start);
  }
}
