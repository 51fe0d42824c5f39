import type { FileHandle } from "node:fs/promises";
import type { Bytes } from "../layout/units.ts";

/** Writes all of `bytes`: a single write may stop half-way. Where `position` is null the file's own position counts. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: Bytes | null): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const at = position === null ? null : position + done;
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at);
    done += bytesWritten;
  }
}
