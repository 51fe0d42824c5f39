import { writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { type Bytes, KiB } from "../base/units.ts";

/**
 * The kernel takes memory for its cache in pieces as long as a write. For longer writes than this it looks for pieces of
 * up to 2 MiB, which a virtual machine's host has often taken back, and gives again page by page.
 */
export const longestWrite: Bytes = 128 * KiB;

/** Writes all of `bytes`: a single write may stop half-way. Where `position` is null the file's own position counts. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: Bytes | null): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const at = position === null ? null : position + done;
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at);
    done += bytesWritten;
  }
}

/** As `writeFully`, without a pause, for threads and for what is written in many small parts. */
export function writeFullySync(descriptor: number, bytes: Uint8Array, position: Bytes): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
  }
}
