import { setImmediate } from "node:timers/promises";
import type { Bytes } from "../../base/units.ts";
import { compressingThreads, copyingThreads, freeThread, startThreads } from "../../runtime/threads/thread-pool.ts";
import { type CacheOptions, ClusterCache } from "../cluster-cache/cluster-cache.ts";
import type { SourceKeys } from "../cluster-cache/source-keys.ts";
import type { Extent } from "../extent.ts";
import { spaceError } from "../free-space.ts";
import { type Image, type SinkOptions, throwIfAborted } from "../image.ts";
import { storeClustersJob } from "../jobs.ts";
import { MemorySlots } from "../memory-slots.ts";
import { canBePacked, packExtents } from "../packed-extents.ts";
import { splitImage } from "../pieces.ts";
import { coderName } from "./cluster-coder.ts";
import { clusterSize, type Compression } from "./format.ts";
import { pieceSize, type PieceToStore, storeClusters, type StoredPiece } from "./store-clusters.ts";
import { Qcow2Writer } from "./writer.ts";

interface Qcow2Options extends SinkOptions {
  readonly compression: Compression;
  /** Compressed clusters of other images. Default: none are used, and none kept. */
  readonly cache?: CacheOptions | undefined;
  /**
   * How many pieces are worked on at a time; the bytes do not depend on it. Default: what all threads are given, and as
   * many that are done and wait for one of those, since they are written in order.
   */
  readonly pieces?: number;
}

/** For a thread. The main thread comes back when it has done one of its own. */
const mostJobs = 3;

/**
 * Writes an image as a qcow2 file, straight from its extents. Threads read and compress; this one does so too while they
 * have enough to do, and puts everything in its place. When it fails the file stays behind, without a header.
 *
 * @throws MkimageError SOURCE_CHANGED, NO_SPACE, INTERRUPTED.
 */
export async function writeQcow2(image: Image, path: string, options: Qcow2Options): Promise<void> {
  try {
    using cache = await openCache(image, options);
    await using writer = new Qcow2Writer({ path, size: image.size, compression: options.compression });
    await writePieces(image, { writer, cache }, options);
    writer.finish();
    cache?.publish();
  } catch (error) {
    throw await spaceError(error, path, image.size);
  }
  options.onProgress?.(image.size, image.size);
}

async function openCache({ size }: Image, { cache, compression }: Qcow2Options): Promise<ClusterCache | undefined> {
  if (cache === undefined || compression === "none") return undefined;
  return ClusterCache.open({ ...cache, coder: coderName(compression), imageSize: size });
}

/** Takes in what was stored. */
interface Output {
  readonly writer: Qcow2Writer;
  readonly cache: ClusterCache | undefined;
}

async function writePieces(image: Image, output: Output, options: Qcow2Options): Promise<void> {
  const threads = options.compression === "none" ? copyingThreads : compressingThreads;
  startThreads(threads);
  const { compression, pieces = 2 * (threads * mostJobs + 1), signal } = options;
  const slots = new MemorySlots(Array.from({ length: pieces }, () => new SharedArrayBuffer(pieceSize)));
  try {
    for (const { offset, extents } of splitImage(image, pieceSize)) {
      throwIfAborted(signal);
      options.onProgress?.(offset, image.size);
      const slot = slots.take();
      const keys = output.cache?.keysOf(extents, offset, pieceSize / clusterSize);
      const place = { imageSize: image.size, offset, slot };
      const stored =
        known(keys, slot, output) ??
        store(extents, { ...place, compression, known: output.cache?.known, keys: keys?.words });
      slots.use(slot, writeStored(stored, { offset, memory: slot }, output));
      // Hears what the threads have done.
      await setImmediate();
      await slots.available();
    }
  } finally {
    await slots.settled();
  }
}

async function writeStored(
  stored: Promise<StoredPiece>,
  place: { readonly offset: Bytes; readonly memory: SharedArrayBuffer },
  { writer, cache }: Output,
): Promise<void> {
  await writer.write({ ...place, lengths: stored.then(({ lengths }) => lengths) });
  cache?.keep((await stored).fresh, place.memory);
}

/** A piece whose forms are all there is read here: less work than sending it to a thread. */
function known(
  keys: SourceKeys | undefined,
  slot: SharedArrayBuffer,
  { cache }: Output,
): Promise<StoredPiece> | undefined {
  const lengths = keys === undefined ? undefined : cache?.take(keys, slot);
  return lengths === undefined ? undefined : Promise.resolve({ lengths, fresh: new Uint32Array() });
}

/** Here, what holds bytes that may still have to be made, and all that the threads have no room for. */
async function store(extents: readonly Extent[], place: Omit<PieceToStore, "extents">): Promise<StoredPiece> {
  const thread = canBePacked(extents) ? freeThread(mostJobs) : undefined;
  if (thread === undefined) return storeClusters({ ...place, extents });
  const piece = packExtents(extents);
  return thread.run(storeClustersJob, { ...place, piece }, [piece.numbers.buffer]);
}
