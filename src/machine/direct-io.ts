import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import type { OpenDevice } from "./open-device.ts";

/**
 * Writes whole sectors from direct memory.
 *
 * @throws MkimageError DEVICE_FAILED.
 */
export async function writeDirect({ device, file }: OpenDevice, bytes: Uint8Array, offset: Bytes): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await explain(file.write(bytes, done, bytes.length - done, offset + done), () =>
      place("writing to", device.path, offset + done),
    );
    done += bytesWritten;
  }
}

/**
 * Fills direct memory with whole sectors of the device itself, past every cache of the kernel's.
 *
 * @throws MkimageError DEVICE_FAILED.
 */
export async function readDirect({ device, file }: OpenDevice, bytes: Uint8Array, offset: Bytes): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const where = () => place("reading from", device.path, offset + done);
    const { bytesRead } = await explain(file.read(bytes, done, bytes.length - done, offset + done), where);
    if (bytesRead === 0) throw failure(where(), "the device ends there");
    done += bytesRead;
  }
}

/** Makes the device put what it has taken on its medium. Throws MkimageError DEVICE_FAILED. */
export async function flushDevice({ device, file }: OpenDevice): Promise<void> {
  await explain(file.datasync(), () => `flushing ${device.path}`);
}

async function explain<Result>(work: Promise<Result>, what: () => string): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw failure(what(), (error as NodeJS.ErrnoException).code ?? String(error), error);
  }
}

function place(verb: string, path: string, offset: Bytes): string {
  return `${verb} ${path} at byte ${offset}`;
}

function failure(what: string, why: string, cause?: unknown): MkimageError {
  return new MkimageError("DEVICE_FAILED", `${what} failed: ${why}`, {
    hint: "the device does not hold the image; look at dmesg, try another port, cable or device",
    cause,
  });
}
