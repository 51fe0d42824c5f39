import { closeSync, constants, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Bytes, KiB, MiB } from "../../base/units.ts";
import type { DiskBytes } from "../disk-bytes.ts";
import { writeFullySync } from "../file-output.ts";
import { spaceError } from "../free-space.ts";
import { throwIfAborted } from "../image.ts";

/** The ways in which other programs see a disk: as raw files, which no tool can take for an option or a protocol. */
export interface RawViews {
  /** Whether all of them have all of it. */
  readonly areWhole: boolean;
  /** All of it. */
  whole(): Promise<string>;
  /** A file as large as the disk, which has this part of it, and elsewhere may have holes. */
  part(start: Bytes, size: Bytes): Promise<string>;
  /** As `part`, for who looks at both ends only: where filesystems, groups and tables have their marks. */
  ends(start: Bytes, size: Bytes): Promise<string>;
}

/** A raw file is its own view. */
export function viewsOfRaw(path: string): RawViews {
  const itself = (): Promise<string> => Promise.resolve(path);
  return { areWhole: true, whole: itself, part: itself, ends: itself };
}

/**
 * The marks of all types lie here. The last one from the start is LUKS's second header, at 4 MiB at most; from the end those of
 * ZFS, in 512 KiB, and of Promise's arrays, in 1.5 MiB.
 */
const [headLength, tailLength] = [4 * MiB + 64 * KiB, 2 * MiB];
const pieceSize = MiB;

/** The views of a disk that is read where it is: its bytes are unpacked when they are asked for, and no sooner. */
export class UnpackedViews implements RawViews {
  readonly #bytes: DiskBytes;
  readonly #path: string;
  readonly #unpack: () => Promise<string>;
  readonly #signal: AbortSignal | undefined;
  readonly #done = new Set<number>();
  #whole: Promise<string> | undefined;

  /**
   * @param folder which gets the files.
   * @param unpack makes a file of all of it.
   */
  constructor(bytes: DiskBytes, folder: string, unpack: () => Promise<string>, signal: AbortSignal | undefined) {
    this.#bytes = bytes;
    this.#path = join(folder, "parts.raw");
    this.#unpack = unpack;
    this.#signal = signal;
  }

  get areWhole(): boolean {
    return this.#whole !== undefined;
  }

  whole(): Promise<string> {
    return (this.#whole ??= this.#unpack());
  }

  async part(start: Bytes, size: Bytes): Promise<string> {
    if (this.#whole !== undefined) return await this.#whole;
    await this.#copy([[start, start + size]]);
    return this.#path;
  }

  async ends(start: Bytes, size: Bytes): Promise<string> {
    if (this.#whole !== undefined) return await this.#whole;
    const end = start + size;
    await this.#copy([
      [start, Math.min(end, start + headLength)],
      [Math.max(start, end - tailLength), end],
    ]);
    return this.#path;
  }

  async #copy(parts: readonly (readonly [start: Bytes, end: Bytes])[]): Promise<void> {
    try {
      const descriptor = openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
      try {
        ftruncateSync(descriptor, this.#bytes.size);
        for (const [start, end] of parts) await this.#copyPart(descriptor, start, Math.min(end, this.#bytes.size));
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      throw await spaceError(error, this.#path, this.#bytes.storedBytes);
    }
  }

  /** In pieces of a grid, each of them once. */
  async #copyPart(descriptor: number, start: Bytes, end: Bytes): Promise<void> {
    for (let piece = Math.floor(start / pieceSize); piece * pieceSize < end; piece += 1) {
      const at = this.#bytes.nextData(piece * pieceSize);
      piece = Math.max(piece, Math.floor(at / pieceSize));
      const [from, to] = [piece * pieceSize, Math.min((piece + 1) * pieceSize, this.#bytes.size)];
      if (from >= end || this.#done.has(piece)) continue;
      // All of a partition takes its time.
      await setImmediate();
      throwIfAborted(this.#signal);
      writeFullySync(descriptor, this.#bytes.read(from, to - from), from);
      this.#done.add(piece);
    }
  }
}
