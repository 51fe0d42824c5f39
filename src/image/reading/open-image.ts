import { closeSync, openSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examineImage, type ImageFacts } from "./examine-image.ts";
import { MkimageError } from "../../base/errors.ts";
import { progressOf } from "../formats/convert.ts";
import { requireSpace } from "../free-space.ts";
import type { Bytes } from "../../base/units.ts";
import { byteString } from "../../base/byte-string.ts";
import type { Reporter } from "../../runtime/reporter.ts";
import { run } from "../../runtime/run.ts";
import { openWorkspace } from "../../runtime/workspace.ts";
import { DiskBytes } from "../disk-bytes.ts";
import { requireWhole } from "./require-whole.ts";

/** An image of any format, opened for reading. */
export interface OpenImage extends ImageFacts, Disposable {
  /** The bytes that the image file takes up where it is stored. */
  readonly storedBytes: Bytes;
  /** The disk as a raw file under a name of ours, which no tool can take for an option or a protocol. */
  readonly raw: string;
  /** A hidden folder for what is taken out of the image. It goes when the image is closed. */
  readonly folder: string;
  readonly bytes: DiskBytes;
}

export interface OpenOptions {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** `--format`: what the file is, as qemu-img calls it. Default: what it says it is. */
  readonly format?: string | undefined;
}

/**
 * Opens an image for reading. A raw file is read in place, everything else is unpacked into a sparse temporary file;
 * files that an image points to are not followed, and nothing in it is executed.
 *
 * @throws MkimageError BAD_REQUEST when there is no such file; BAD_IMAGE when it cannot be read, reads other files, or is
 *   not what its name says; NO_SPACE; INTERRUPTED.
 */
export async function openImage(name: string, options: OpenOptions): Promise<OpenImage> {
  return await openExamined(await examineImage(name, options.format), options);
}

/**
 * As `openImage`, for one that was looked at already.
 *
 * @param scratch the folder that it is unpacked in; default: that for temporary files.
 */
export async function openExamined(
  facts: ImageFacts,
  { scratch = tmpdir(), ...options }: Omit<OpenOptions, "format"> & { readonly scratch?: string },
): Promise<OpenImage> {
  const map = await requireWhole(facts.path, facts.format, options.signal);
  const { folder, remove } = await openWorkspace(map === undefined ? tmpdir() : scratch);
  try {
    const raw = join(folder, "disk.raw");
    if (map === undefined) symlinkSync(facts.path, raw);
    else {
      await requireSpace(folder, map.dataBytes);
      await unpack(facts, raw, options);
    }
    return opened(facts, { raw, folder, remove });
  } catch (error) {
    remove();
    throw error;
  }
}

interface Place {
  readonly raw: string;
  readonly folder: string;
  readonly remove: () => void;
}

function opened(facts: ImageFacts, { raw, folder, remove }: Place): OpenImage {
  const descriptor = openSync(raw, "r");
  const close = () => {
    closeSync(descriptor);
    remove();
  };
  const storedBytes = statSync(facts.path).blocks * 512;
  const bytes = new DiskBytes(descriptor, byteString(raw), 0, facts.size);
  return { ...facts, storedBytes, raw, folder, bytes, [Symbol.dispose]: close };
}

async function unpack(
  facts: ImageFacts,
  raw: string,
  options: Pick<OpenOptions, "reporter" | "signal">,
): Promise<void> {
  await options.reporter.task(`unpacking ${facts.format}`, async ({ progress }) => {
    const onOutput = (text: string) => {
      const percent = progressOf(text);
      if (percent !== undefined) progress(Math.round((facts.size * percent) / 100), facts.size);
    };
    const arguments_ = ["convert", "-p", "-f", facts.format, "-O", "raw", facts.path, raw];
    try {
      await run("qemu-img", arguments_, { onOutput, signal: options.signal, deadlineSeconds: 24 * 3600 });
    } catch (error) {
      if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
      const { details } = error;
      throw new MkimageError("BAD_IMAGE", `${facts.path} cannot be read to its end`, { details, cause: error });
    }
  });
}
