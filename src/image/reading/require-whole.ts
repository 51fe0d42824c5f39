import { statSync } from "node:fs";
import { MkimageError } from "../../base/errors.ts";
import { run } from "../../runtime/run.ts";
import { readerOf } from "../formats/registry.ts";
import { realSizeOfFile } from "../real-size.ts";
import { programLimits } from "./program-limits.ts";
import { cutOff, type ImageMap, mapImage } from "./image-map.ts";

/**
 * Makes sure that all the bytes are there of which an image's tables speak, which are sound.
 *
 * @returns what it holds; nothing of a raw file.
 * @throws MkimageError BAD_IMAGE; INTERRUPTED.
 */
export async function requireWhole(
  path: string,
  format: string,
  signal: AbortSignal | undefined,
): Promise<ImageMap | undefined> {
  if (format === "raw") return undefined;
  const size = statSync(path).size;
  const map = await mapImage(path, format, signal);
  if (!readerOf(format).readsPastEnd || map.end <= size) return map;
  throw cutOff(path, map.end, size);
}

/**
 * Makes sure that an image's tables are sound, as far as its format has some. Room that is lost, but does no harm, is no
 * fault.
 *
 * @throws MkimageError BAD_IMAGE with what qemu-img found; INTERRUPTED.
 */
export async function requireSoundTables(path: string, format: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    const options = { signal, limits: programLimits(realSizeOfFile(path)) };
    if (readerOf(format).isCheckable) await run("qemu-img", checkArguments(path, format), options);
  } catch (error) {
    if (!(error instanceof MkimageError) || error.code !== "COMMAND_FAILED") throw error;
    if (!error.message.endsWith(`exit code ${onlyLeaks}`))
      throw new MkimageError("BAD_IMAGE", `${path} is damaged or was cut off`, { details: error.details.slice(1) });
  }
}

const onlyLeaks = 3;

/** Reads only. */
function checkArguments(path: string, format: string): string[] {
  return ["check", "-q", "-f", format, path];
}
