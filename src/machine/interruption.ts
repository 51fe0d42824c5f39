import { MkimageError } from "../base/errors.ts";

/** Throws MkimageError INTERRUPTED once the user has asked us to stop. */
export function requireRunning(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new MkimageError("INTERRUPTED", "interrupted while writing to a device", {
    hint: "the device holds a part of the image and cannot be booted from: write it again",
  });
}
