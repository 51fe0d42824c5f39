import { availableParallelism } from "node:os";
import { MiB } from "../../layout/units.ts";
import { aThread } from "../../threads/thread-pool.ts";
import type { Thread } from "../../threads/thread.ts";
import { spaceError } from "../free-space.ts";
import { type Image, type SinkOptions, throwIfAborted } from "../image.ts";
import { packExtents, transferOf } from "../packed-extents.ts";
import { splitImage } from "../pieces.ts";
import type { Compression } from "./format.ts";

export interface Qcow2Options extends SinkOptions {
  readonly compression: Compression;
  /**
   * How many clusters are given away at a time; the bytes do not depend on it. Default: six for each processor, so that
   * none waits for the next to be read. Node's pool has four threads unless UV_THREADPOOL_SIZE says otherwise.
   */
  readonly coders?: number;
}

/** What a thread is sent at once. */
const pieceSize = 4 * MiB;
/** While one piece is compressed the next is made. */
const mostPieces = 2;

/**
 * Writes an image as a qcow2 file, straight from its extents, in a thread: there the memory that compressing throws away
 * costs no walk through a manifest. When it fails the file stays behind, without a header.
 *
 * @throws MkimageError SOURCE_CHANGED, NO_SPACE, INTERRUPTED.
 */
export async function writeQcow2(image: Image, path: string, options: Qcow2Options): Promise<void> {
  const { compression, coders = 6 * availableParallelism() } = options;
  const thread = aThread();
  try {
    const file = await thread.run("openQcow2", { path, size: image.size, compression, coders });
    try {
      await sendPieces(image, thread, file, options);
      await thread.run("finishQcow2", file);
    } finally {
      await thread.run("closeQcow2", file);
    }
  } catch (error) {
    throw await spaceError(error, path, image.size);
  }
  options.onProgress?.(image.size, image.size);
}

async function sendPieces(image: Image, thread: Thread, file: number, options: Qcow2Options): Promise<void> {
  const sent: Promise<void>[] = [];
  for (const { offset, extents } of splitImage(image, pieceSize)) {
    throwIfAborted(options.signal);
    options.onProgress?.(offset, image.size);
    const piece = packExtents(extents);
    const written = thread.run("writeToQcow2", { file, piece }, transferOf(piece));
    // It is waited for later, and may fail before that.
    written.catch(() => undefined);
    sent.push(written);
    if (sent.length === mostPieces) await sent.shift();
  }
  await Promise.all(sent);
}
