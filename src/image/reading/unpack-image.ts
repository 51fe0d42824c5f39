import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import type { Bytes } from "../../base/units.ts";
import type { Reporter } from "../../runtime/reporter.ts";
import { run } from "../../runtime/run.ts";
import { progressOf } from "../formats/convert.ts";
import { requireSpace } from "../free-space.ts";
import type { ImageFacts } from "./examine-image.ts";

const rawName = "disk.raw";

/** A link to a raw file, under a name of ours. */
export function linkInto(folder: string, path: string): string {
  const raw = join(folder, rawName);
  symlinkSync(path, raw);
  return raw;
}

/** Unpacks an image of `needed` bytes into a sparse raw file. Throws MkimageError NO_SPACE, BAD_IMAGE, INTERRUPTED. */
export async function unpackInto(folder: string, needed: Bytes, facts: ImageFacts, options: Watched): Promise<string> {
  const raw = join(folder, rawName);
  await requireSpace(folder, needed);
  await unpack(facts, raw, options);
  return raw;
}

/** How it is watched and stopped. */
export interface Watched {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

async function unpack(facts: ImageFacts, raw: string, options: Watched): Promise<void> {
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
