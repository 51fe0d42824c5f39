import { statSync } from "node:fs";
import { MkimageError } from "../../base/errors.ts";
import { type Bytes, formatSize, MiB } from "../../base/units.ts";
import { run } from "../../runtime/run.ts";
import { realSizeOfFile } from "../real-size.ts";
import { addRun, type MappedRun, mostRuns } from "../runs.ts";
import { programLimits } from "./program-limits.ts";

/** The bytes of data that unpacking an image would write, and the end of their last place in its file. */
export interface ImageMap {
  readonly dataBytes: Bytes;
  readonly end: Bytes;
  /** The data by their places in the file; `undefined` where some have none of their own, or are outside of it. */
  readonly places: readonly MappedRun[] | undefined;
}

/** How much more an image unpacks to than its file has, where its format compresses. Systems shrink to a third or half. */
const mostRatio = 64;
const unpackedOfAny = 64 * MiB;

/**
 * Adds up what an image holds, before any of it is written. Bytes that stand in the file as they are can be no more than
 * the file has: a table can name the same ones any number of times.
 *
 * @throws MkimageError BAD_IMAGE when it holds more than its file can stand for; INTERRUPTED.
 */
export async function mapImage(path: string, format: string, signal: AbortSignal | undefined): Promise<ImageMap> {
  const { size } = statSync(path);
  const enough = new AbortController();
  const sum = new Sum(size);
  const onBytes = (piece: Uint8Array): void => {
    if (!enough.signal.aborted && !sum.add(Buffer.from(piece).toString("latin1"))) enough.abort();
  };
  const either = signal === undefined ? enough.signal : AbortSignal.any([enough.signal, signal]);
  try {
    const options = { signal: either, onBytes, limits: programLimits(realSizeOfFile(path)) };
    await run("qemu-img", ["map", "--output=json", "-f", format, path], options);
  } catch (error) {
    if (enough.signal.aborted && signal?.aborted !== true)
      throw sum.end > size ? cutOff(path, sum.end, size) : tooMuch(path, size);
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    throw new MkimageError("BAD_IMAGE", `${path} is damaged or was cut off`, { details: error.details.slice(1) });
  }
  return sum;
}

/** Of qemu-img's list, one part of the disk a line. */
class Sum implements ImageMap {
  end = 0;
  #stored = 0;
  #packed = 0;
  #rest = "";
  #places: MappedRun[] | undefined = [];
  readonly #fileSize: Bytes;

  constructor(fileSize: Bytes) {
    this.#fileSize = fileSize;
  }

  get dataBytes(): Bytes {
    return this.#stored + this.#packed;
  }

  get places(): readonly MappedRun[] | undefined {
    return this.end <= this.#fileSize ? this.#places : undefined;
  }

  /** Whether the file can stand for all that was listed so far. */
  add(text: string): boolean {
    const lines = `${this.#rest}${text}`.split("\n");
    this.#rest = lines.pop() ?? "";
    lines.forEach((line) => this.#addLine(line));
    return this.#stored <= this.#fileSize && this.#packed <= unpackedOfAny + mostRatio * this.#fileSize;
  }

  /** Adds one part of the disk. Compressed data has no offset of its own in the file. */
  #addLine(line: string): void {
    if (!line.includes('"data": true') || line.includes('"zero": true')) return;
    const length = Number(/"length": (\d{1,16})/.exec(line)?.[1] ?? 0);
    const offset = /"offset": (\d{1,16})/.exec(line)?.[1];
    if (offset === undefined) {
      this.#packed += length;
      this.#places = undefined;
    } else this.#addPlace({ offset: Number(/"start": (\d{1,16})/.exec(line)?.[1]), length, position: Number(offset) });
  }

  #addPlace(place: MappedRun): void {
    this.#stored += place.length;
    this.end = Math.max(this.end, place.position + place.length);
    if (this.#places === undefined) return;
    addRun(this.#places, place);
    if (this.#places.length > mostRuns) this.#places = undefined;
  }
}

/** The error for an image that lacks bytes which its tables speak of. */
export function cutOff(path: string, end: Bytes, size: Bytes): MkimageError {
  return new MkimageError("BAD_IMAGE", `${path} was cut off: it speaks of ${end} bytes and has ${size}`);
}

function tooMuch(path: string, size: Bytes): MkimageError {
  return new MkimageError("BAD_IMAGE", `${path} has ${formatSize(size)}, and unpacks to more than that can stand for`, {
    hint: "if you trust it, unpack it first: qemu-img convert -O raw",
  });
}
