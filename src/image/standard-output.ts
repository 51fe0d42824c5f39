import { write } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { MkimageError } from "../base/errors.ts";
import { type Bytes, MiB } from "../base/units.ts";
import { readImage } from "./chunk.ts";
import { type Image, type SinkOptions, throwIfAborted } from "./image.ts";

const chunkSize = MiB;
const zeros = Buffer.alloc(chunkSize);

/**
 * Writes an image to an open descriptor from where it stands on, byte by byte, zeros included: to standard output, where
 * nothing can be skipped.
 *
 * @throws MkimageError SOURCE_CHANGED, INTERRUPTED, also when whoever reads the other end has gone.
 */
export async function writeStream(image: Image, descriptor: number, options: SinkOptions = {}): Promise<void> {
  const memory = Buffer.alloc(chunkSize + 1);
  let position = 0;
  for (const chunk of readImage(image, { chunkSize, memory: () => memory })) {
    await writeZeros(descriptor, chunk.offset - position, options.signal);
    await writeBytes(descriptor, chunk.bytes, options.signal);
    position = chunk.offset + chunk.bytes.length;
    options.onProgress?.(position, image.size);
  }
  await writeZeros(descriptor, image.size - position, options.signal);
  options.onProgress?.(image.size, image.size);
}

async function writeZeros(descriptor: number, length: Bytes, signal: AbortSignal | undefined): Promise<void> {
  for (let left = length; left > 0; left -= zeros.length) {
    await writeBytes(descriptor, zeros.subarray(0, Math.min(left, zeros.length)), signal);
  }
}

async function writeBytes(descriptor: number, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    throwIfAborted(signal);
    done += await writeSome(descriptor, bytes.subarray(done));
  }
}

const writePiece = promisify(write);

async function writeSome(descriptor: number, bytes: Uint8Array): Promise<number> {
  try {
    const { bytesWritten } = await writePiece(descriptor, bytes, 0, bytes.length, null);
    return bytesWritten;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPIPE") throw new MkimageError("INTERRUPTED", "nobody reads the image any more", { cause: error });
    if (code !== "EAGAIN") throw error;
    // The other end has made the pipe non-blocking, and it is full.
    await sleep(5);
    return 0;
  }
}
