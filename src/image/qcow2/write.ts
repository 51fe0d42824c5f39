import { type FileHandle, open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { MiB } from "../../layout/units.ts";
import { type Chunk, readImage } from "../chunk.ts";
import { longestWrite, writeAllFully, writeFully } from "../file-output.ts";
import { spaceError } from "../free-space.ts";
import { type Image, type SinkOptions, throwIfAborted } from "../image.ts";
import { MemorySlots } from "../memory-slots.ts";
import { Qcow2Allocation } from "./allocation.ts";
import { ClusterStorage } from "./cluster-storage.ts";
import { clusterSize, type Compression } from "./format.ts";
import { type Piece, tablePieces } from "./tables.ts";

export interface Qcow2Options extends SinkOptions {
  readonly compression: Compression;
  /**
   * How many clusters are compressed at a time; the bytes do not depend on it. Default: two for each processor, so that
   * none waits while the main thread reads. Node's pool has four threads unless UV_THREADPOOL_SIZE says otherwise.
   */
  readonly threads?: number;
}

/** How much is read at a time. While one piece is filled, others are compressed or written. */
const chunkSize = MiB;
const slotCount = 4;

/**
 * Writes an image as a qcow2 file of clusters of 64 KiB, straight from its extents. Clusters of zeros take no room, and
 * those that do not compress are stored as they are. When it fails the file stays behind, without a header.
 *
 * @throws MkimageError SOURCE_CHANGED, NO_SPACE, INTERRUPTED.
 */
export async function writeQcow2(image: Image, path: string, options: Qcow2Options): Promise<void> {
  try {
    await using file = await open(path, "w");
    const allocation = new Qcow2Allocation();
    await writeClusters(image, file, allocation, options);
    for (const { offset, bytes } of tablePieces(allocation, image.size, options.compression)) {
      await writeFully(file, bytes, offset);
    }
  } catch (error) {
    throw await spaceError(error, path, image.size);
  }
  options.onProgress?.(image.size, image.size);
}

type StoredForms = readonly (Uint8Array | undefined)[];

/** Clusters are compressed in any order, and placed in the image's. */
async function writeClusters(image: Image, file: FileHandle, allocation: Qcow2Allocation, options: Qcow2Options) {
  using storage = new ClusterStorage(options.compression, options.threads ?? 2 * availableParallelism());
  const slots = new MemorySlots(slotCount, chunkSize + clusterSize);
  const place = async (chunk: Chunk, stored: Promise<StoredForms>, before: Promise<void>) => {
    const [forms] = await Promise.all([stored, before]);
    throwIfAborted(options.signal);
    await writePieces(file, placePieces(chunk.offset / clusterSize, forms, allocation));
    options.onProgress?.(chunk.offset, image.size);
  };
  let placed = Promise.resolve();
  try {
    for (const chunk of readImage(image, { chunkSize, memory: () => slots.take() })) {
      placed = place(chunk, storedForms(chunk, storage), placed);
      slots.use(chunk.memory, placed);
      await slots.available();
    }
  } finally {
    await slots.settled();
  }
}

/** The image's last cluster is filled up with zeros. */
function storedForms({ bytes, memory }: Chunk, storage: ClusterStorage): Promise<StoredForms> {
  const count = Math.ceil(bytes.length / clusterSize);
  memory.fill(0, bytes.length, count * clusterSize);
  const clusters = Array.from({ length: count }, (_, index) =>
    memory.subarray(index * clusterSize, (index + 1) * clusterSize),
  );
  return Promise.all(clusters.map((cluster) => storage.stored(cluster)));
}

function placePieces(first: number, forms: StoredForms, allocation: Qcow2Allocation): Piece[] {
  return forms.flatMap((bytes, index) => {
    if (bytes === undefined) return [];
    return [{ offset: allocation.place(first + index, bytes.length), bytes }];
  });
}

/** Pieces that follow each other in the file are written at once, up to the length that is good for a write. */
async function writePieces(file: FileHandle, pieces: readonly Piece[]): Promise<void> {
  let run: Piece[] = [];
  for (const piece of pieces) {
    if (!belongsTo(run, piece)) {
      await writeRun(file, run);
      run = [];
    }
    run.push(piece);
  }
  await writeRun(file, run);
}

function belongsTo(run: readonly Piece[], { offset }: Piece): boolean {
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined) return false;
  return offset === last.offset + last.bytes.length && offset - first.offset < longestWrite;
}

async function writeRun(file: FileHandle, run: readonly Piece[]): Promise<void> {
  const [first] = run;
  if (first === undefined) return;
  await writeAllFully(
    file,
    run.map(({ bytes }) => bytes),
    first.offset,
  );
}
