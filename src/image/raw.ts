import { open } from "node:fs/promises";
import { MiB } from "../base/units.ts";
import { copyingThreads, startThreads } from "../runtime/threads/thread-pool.ts";
import { gainsByPreallocating } from "../runtime/preallocate.ts";
import { spaceError } from "./free-space.ts";
import { type Image, type SinkOptions, throwIfAborted } from "./image.ts";
import { PieceWriters } from "./piece-writers.ts";
import { splitImage } from "./pieces.ts";
import { sharingGrid } from "./share-blocks.ts";
import type { PieceToWrite } from "./write-piece.ts";

/** The bytes that one thread writes before it asks for more: some milliseconds. */
const pieceSize = 4 * MiB;

interface RawOptions extends SinkOptions {
  /** Whether the file may share blocks with those that the image is made of. Default: yes. */
  readonly reflink?: boolean | undefined;
}

/**
 * Writes an image into a sparse file, which is made, or emptied first. Gaps and `zeros` extents become holes, and files share
 * their blocks with it where its filesystem can. When it fails the file stays behind, incomplete.
 *
 * @throws MkimageError SOURCE_CHANGED, NO_SPACE, INTERRUPTED.
 */
export async function writeRaw(image: Image, path: string, options: RawOptions = {}): Promise<void> {
  try {
    // Blocks are shared with a file that can be read as well.
    await using file = await open(path, "w+");
    const grid = options.reflink === false ? undefined : sharingGrid(file.fd);
    await file.truncate(image.size);
    await writePieces(image, { descriptor: file.fd, grid, preallocates: gainsByPreallocating(file.fd) }, options);
  } catch (error) {
    throw await spaceError(error, path, image.size);
  }
}

async function writePieces(
  image: Image,
  output: Omit<PieceToWrite, "extents" | "imageSize">,
  { signal, onProgress }: SinkOptions,
): Promise<void> {
  startThreads(copyingThreads);
  // No thread may still write when the file is closed.
  await using writers = new PieceWriters({ ...output, imageSize: image.size }, signal);
  for (const { offset, extents } of splitImage(image, pieceSize)) {
    throwIfAborted(signal);
    onProgress?.(offset, image.size);
    await writers.write(extents);
  }
  await writers.finish();
  onProgress?.(image.size, image.size);
}
