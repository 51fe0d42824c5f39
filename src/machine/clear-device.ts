import { MkimageError } from "../base/errors.ts";
import { roundDown, type Bytes } from "../base/units.ts";
import { run } from "../runtime/run.ts";
import { inheritedPath, type OpenDevice } from "./open-device.ts";

/**
 * Tells the device that its first `length` bytes are of no use any more. True when it took that: then most devices
 * read as zeros there, which has to be proven.
 *
 * @throws MkimageError INTERRUPTED.
 */
export async function discardStart(open: OpenDevice, length: Bytes, signal?: AbortSignal): Promise<boolean> {
  const whole = roundDown(length, open.device.sectorSize);
  if (!open.device.canDiscard || whole === 0) return false;
  try {
    await run("blkdiscard", discardArguments(whole), { descriptor: open.file.fd, signal, deadlineSeconds: 3600 });
    return true;
  } catch (error) {
    // Some devices claim to discard and then do not: their holes are written as zeros, like those of any other.
    if (error instanceof MkimageError && error.code === "COMMAND_FAILED") return false;
    throw error;
  }
}

/** `--force`: the exclusive open that blkdiscard would try is ours already. */
function discardArguments(length: Bytes): string[] {
  return ["--force", "--length", String(length), inheritedPath];
}

/** Makes the kernel forget the partitions that it knows, whose data are about to go. */
export async function forgetPartitions(open: OpenDevice): Promise<void> {
  const last = Math.max(0, ...open.device.partitions.map(({ number }) => number));
  if (last === 0) return;
  const arguments_ = ["--delete", "--nr", `1:${last}`, inheritedPath];
  await run("partx", arguments_, { descriptor: open.file.fd, deadlineSeconds: 60 });
}

/**
 * Makes the kernel see the partitions that are there now, one by one: it re-reads no table of a disk that is held.
 * False when it finds none, as in an image that is a single filesystem.
 */
export async function readPartitions(open: OpenDevice): Promise<boolean> {
  try {
    await run("partx", ["--update", inheritedPath], { descriptor: open.file.fd, deadlineSeconds: 60 });
    return true;
  } catch (error) {
    if (error instanceof MkimageError && error.code === "COMMAND_FAILED") return false;
    throw error;
  }
}
