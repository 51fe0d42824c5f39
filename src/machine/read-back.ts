import { MkimageError } from "../base/errors.ts";
import { lengthOf } from "../image/extent.ts";
import type { DeviceImage } from "../image/image.ts";
import { roundDown, roundUp, type Bytes } from "../base/units.ts";
import { BlockMemory } from "./block-memory.ts";
import { type Difference, findDifferences } from "./checksums.ts";
import { flushDevice, readDirect } from "./direct-io.ts";
import { endSize } from "./ends.ts";
import { requireRunning } from "./interruption.ts";
import type { OpenDevice } from "./open-device.ts";
import { chunkSize, type WrittenData, writeZeros } from "./write-data.ts";

interface ReadBackOptions {
  /** Holes were discarded and are not proven yet: those that do not read as zeros are written. */
  readonly discarded: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (done: Bytes, total: Bytes) => void;
}

/** A part of the device that is read at once. */
interface Piece {
  readonly offset: Bytes;
  readonly length: Bytes;
}

/**
 * Reads everything that was written from the device itself, holes and the cleared end too, and compares it with what
 * was written. Returns the number of bytes compared.
 *
 * @throws MkimageError MISMATCH with the first offset that differs, DEVICE_FAILED, INTERRUPTED.
 */
export async function readBack(
  open: OpenDevice,
  image: DeviceImage,
  written: WrittenData,
  options: ReadBackOptions,
): Promise<Bytes> {
  const pieces = [...piecesOf(open, image, written)];
  const zeroed = await comparePieces(open, pieces, written, options);
  if (zeroed.length > 0) {
    await flushDevice(open);
    await comparePieces(open, zeroed, written, { ...options, discarded: false });
  }
  return lengthOf(pieces);
}

/** The image chunk by chunk, then what was cleared behind it. */
function* piecesOf(
  { device }: OpenDevice,
  { size: imageSize, zeroedUpTo = imageSize }: DeviceImage,
  { checksums }: WrittenData,
): Generator<Piece> {
  for (let offset = 0; offset < imageSize; offset += chunkSize) {
    if (offset >= zeroedUpTo && !checksums.has(offset)) continue;
    yield { offset, length: Math.min(chunkSize, imageSize - offset) };
  }
  const { size, sectorSize } = device;
  const start = Math.max(roundUp(imageSize, sectorSize), roundDown(size - endSize, sectorSize));
  if (start < size) yield { offset: start, length: size - start };
}

/** Returns the pieces with holes that had to be zeroed, and so must be read once more. */
async function comparePieces(
  open: OpenDevice,
  pieces: readonly Piece[],
  { checksums }: WrittenData,
  { discarded, signal, onProgress }: ReadBackOptions,
): Promise<Piece[]> {
  const total = lengthOf(pieces);
  const zeroed: Piece[] = [];
  let done = 0;
  for await (const { piece, found } of readAhead(open, pieces)) {
    const differences = findDifferences(found, checksums.get(piece.offset), piece.length);
    const wrong = differences.find(({ hole }) => !(hole && discarded));
    if (wrong !== undefined) throw mismatch(open.device.path, piece, wrong);
    for (const hole of differences) await zeroHole(open, piece, hole);
    if (differences.length > 0) zeroed.push(piece);
    done += piece.length;
    onProgress(done, total);
    requireRunning(signal);
  }
  return zeroed;
}

/** The checksums of pieces. While one is looked at, the next is on its way. */
async function* readAhead(open: OpenDevice, pieces: readonly Piece[]) {
  const memory = new BlockMemory(2, chunkSize);
  const read = (index: number) => {
    const piece = pieces[index];
    const bytes = memory.pieces[index % memory.pieces.length];
    const reading = piece && bytes && readPiece(open, piece, bytes);
    reading?.catch(() => undefined);
    return reading;
  };
  let coming = read(0);
  for (const [index, piece] of pieces.entries()) {
    const bytes = (await coming) ?? new Uint8Array();
    coming = read(index + 1);
    yield { piece, found: memory.checksums(bytes) };
  }
}

async function readPiece(open: OpenDevice, { offset, length }: Piece, memory: Uint8Array): Promise<Uint8Array> {
  await readDirect(open, memory.subarray(0, roundUp(length, open.device.sectorSize)), offset);
  return memory.subarray(0, length);
}

async function zeroHole(open: OpenDevice, piece: Piece, { start, length }: Difference): Promise<void> {
  await writeZeros(open, { start: piece.offset + start, end: piece.offset + start + length });
}

function mismatch(path: string, piece: Piece, { start, length }: Difference): MkimageError {
  const offset = piece.offset + start;
  return new MkimageError(
    "MISMATCH",
    `${path} does not hold what was written: bytes ${offset} to ${offset + length - 1} differ`,
    {
      hint: "the device lies or is worn out (a stick with less memory than it claims does this): use another one",
    },
  );
}
