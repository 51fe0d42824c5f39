import { type FileHandle, open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { Bytes } from "../../base/units.ts";
import { compressingThreads, freeThread, startThreads } from "../../runtime/threads/thread-pool.ts";
import type { Extent } from "../extent.ts";
import { writeFully } from "../file-output.ts";
import { spaceError } from "../free-space.ts";
import { type Image, type SinkOptions, throwIfAborted } from "../image.ts";
import { compressPieceJob } from "../jobs.ts";
import { canBePacked, packExtents } from "../packed-extents.ts";
import { splitWhole, type WholePiece } from "../pieces.ts";
import { type CompressedPiece, compressPiece, type PieceToCompress } from "./compress-piece.ts";
import type { PieceRecord } from "./compressor.ts";
import { type CompressorName, compressors } from "./compressors.ts";

interface CompressOptions extends SinkOptions {
  /** How many pieces are worked on at a time; the bytes do not depend on it. */
  readonly pieces?: number;
}

/** For a thread. */
const mostJobs = 3;

/**
 * Writes the bytes of an image into a compressed file, straight from its extents: there is no file of the image itself. Threads
 * read and compress; what holds bytes that have to be made is compressed here. When it fails the file stays behind, incomplete.
 *
 * @throws MkimageError SOURCE_CHANGED, NO_SPACE, INTERRUPTED.
 */
export async function writeCompressed(
  image: Image,
  path: string,
  name: CompressorName,
  options: CompressOptions = {},
): Promise<void> {
  try {
    await using file = await open(path, "w");
    await using pieces = new PieceLine(file, name, image.size, options.pieces ?? 2 * mostJobs * compressingThreads);
    startThreads(compressingThreads);
    await writeFully(file, compressors[name].head, null);
    for (const piece of splitWhole(image, compressors[name].pieceSize)) {
      throwIfAborted(options.signal);
      options.onProgress?.(piece.offset, image.size);
      await pieces.add(piece);
    }
    await writeFully(file, compressors[name].tail(await pieces.finish()), null);
  } catch (error) {
    throw await spaceError(error, path, image.size);
  }
  options.onProgress?.(image.size, image.size);
}

/** Pieces on their way into a file, in their order. */
class PieceLine implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #compressor: CompressorName;
  readonly #imageSize: Bytes;
  readonly #most: number;
  readonly #waiting: Promise<CompressedPiece>[] = [];
  readonly #records: PieceRecord[] = [];
  /** The compressed form of zeros, by their length. */
  readonly #zeros = new Map<Bytes, CompressedPiece>();

  constructor(file: FileHandle, compressor: CompressorName, imageSize: Bytes, most: number) {
    this.#file = file;
    this.#compressor = compressor;
    this.#imageSize = imageSize;
    this.#most = Math.max(1, most);
  }

  /** Comes back when there is room for the next. Throws what went wrong with this or an earlier one. */
  async add({ length, extents }: WholePiece): Promise<void> {
    const piece = { compressor: this.#compressor, imageSize: this.#imageSize, length };
    const compressed = extents.length === 0 ? Promise.resolve(this.#zerosOf(piece)) : begin(piece, extents);
    // It is waited for later, in its turn.
    compressed.catch(() => undefined);
    this.#waiting.push(compressed);
    // Hears what the threads have done.
    if (extents.length > 0) await setImmediate();
    if (this.#waiting.length >= this.#most) await this.#writeNext();
  }

  /** Writes all, and tells what they were. */
  async finish(): Promise<readonly PieceRecord[]> {
    while (this.#waiting.length > 0) await this.#writeNext();
    return this.#records;
  }

  /** No thread may still read what goes away after a failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#waiting);
  }

  async #writeNext(): Promise<void> {
    const piece = await this.#waiting.shift();
    if (piece === undefined) return;
    const { bytes, stored, length, checksum } = piece;
    await writeFully(this.#file, bytes, null);
    this.#records.push({ stored, length, checksum });
  }

  #zerosOf(piece: Omit<PieceToCompress, "extents">): CompressedPiece {
    const zeros = this.#zeros.get(piece.length) ?? compressPiece({ ...piece, extents: [] });
    this.#zeros.set(piece.length, zeros);
    return zeros;
  }
}

/** Here, what holds bytes that may still have to be made, and all that the threads have no room for. */
async function begin(piece: Omit<PieceToCompress, "extents">, extents: readonly Extent[]): Promise<CompressedPiece> {
  const thread = canBePacked(extents) ? freeThread(mostJobs) : undefined;
  if (thread === undefined) return compressPiece({ ...piece, extents });
  const packed = packExtents(extents);
  return thread.run(compressPieceJob, { ...piece, piece: packed }, [packed.numbers.buffer]);
}
