import { MkimageError } from "../base/errors.ts";
import type { DeviceImage } from "../image/image.ts";
import type { Bytes } from "../base/units.ts";
import type { Reporter, TaskReporter } from "../runtime/reporter.ts";
import { discardStart, forgetPartitions, readPartitions } from "./clear-device.ts";
import { flushDevice } from "./direct-io.ts";
import { clearEnds, type Ends, endsDifference, writeEnds } from "./ends.ts";
import { requireRunning } from "./interruption.ts";
import type { OpenDevice } from "./open-device.ts";
import { readBack } from "./read-back.ts";
import { writeData } from "./write-data.ts";

export interface DeviceWriteOptions {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** The report of a write that was verified. */
export interface DeviceReport {
  readonly imageSize: Bytes;
  readonly bytesWritten: Bytes;
  readonly bytesVerified: Bytes;
  /** Whether the kernel shows the new partitions. */
  readonly partitionsSeen: boolean;
  /** Where the backup GPT lies now, at the device's real end. */
  readonly backupTable: Bytes | undefined;
  /** Of the data alone: from the first byte to the end of the flush. */
  readonly writeSeconds: number;
  readonly readSeconds: number;
}

/**
 * Writes an image to a device and proves it. The device can be booted from only when this has returned: the first
 * blocks are written last, when all else has been flushed and read back.
 *
 * @throws MkimageError DEVICE_FAILED, MISMATCH, SOURCE_CHANGED, BAD_IMAGE, INTERRUPTED.
 */
export async function writeDevice(
  open: OpenDevice,
  image: DeviceImage,
  options: DeviceWriteOptions,
): Promise<DeviceReport> {
  const { reporter, signal } = options;
  await reporter.task("clearing both ends", () => clear(open));
  const start = performance.now();
  const discarded = await reporter.task("discarding old data", () => discardStart(open, image.size, signal));
  const written = await reporter.task("writing", ({ progress }) =>
    writeData(open, image, { discarded, signal, onProgress: progress }),
  );
  await reporter.task("flushing", () => flushDevice(open));
  const flushed = performance.now();
  const bytesVerified = await reporter.task("reading back", ({ progress }) =>
    readBack(open, image, written, { discarded, signal, onProgress: progress }),
  );
  const verified = performance.now();
  requireRunning(signal);
  const partitionsSeen = await reporter.task("writing the first blocks", ({ progress }) =>
    finish(open, written.ends, progress),
  );
  return {
    imageSize: image.size,
    bytesWritten: written.bytesWritten,
    bytesVerified,
    partitionsSeen,
    backupTable: written.ends.backup?.offset,
    writeSeconds: (flushed - start) / 1000,
    readSeconds: (verified - flushed) / 1000,
  };
}

async function clear(open: OpenDevice): Promise<void> {
  await forgetPartitions(open);
  await clearEnds(open);
}

async function finish(open: OpenDevice, ends: Ends, progress: TaskReporter["progress"]): Promise<boolean> {
  await writeEnds(open, ends, progress);
  const difference = await endsDifference(open, ends);
  if (difference !== undefined) {
    await clearEnds(open);
    throw new MkimageError(
      "MISMATCH",
      `${open.device.path} does not hold the partition table that was written at byte ${difference}`,
      {
        hint: "the device lies or is worn out: use another one",
      },
    );
  }
  return readPartitions(open);
}
