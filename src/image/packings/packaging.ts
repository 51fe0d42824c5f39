import { rmSync } from "node:fs";
import { type DiskSource, imageOf } from "../disk-source.ts";
import type { WriteOptions } from "../formats/format.ts";
import { type FormatName, imageFormats } from "../formats/registry.ts";
import type { Image } from "../image.ts";
import { type CompressorName, compressors } from "./compressors.ts";
import { writeCompressed } from "./write-compressed.ts";

/** The kind of a disk's file. */
interface Packaging {
  readonly format: FormatName;
  /** Compresses the file as a whole. */
  readonly compress?: CompressorName | undefined;
}

/** The ending of a disk's file, without its first dot. */
export function endingOf({ format, compress }: Packaging): string {
  const { ending } = imageFormats[format];
  return compress === undefined ? ending : `${ending}.${compressors[compress].ending}`;
}

/**
 * Writes the file of a disk. A raw image that is compressed is never a file of its own. When it fails the target stays
 * behind, incomplete.
 *
 * @throws MkimageError as `ImageFormat.write`.
 */
export async function writePackaged(
  disk: DiskSource,
  { format, compress }: Packaging,
  target: string,
  options: WriteOptions,
): Promise<void> {
  if (compress === undefined) return imageFormats[format].write(disk, target, options);
  const formatted = `${target}.disk`;
  const image = await formattedImage(disk, format, formatted, options);
  await options.reporter.task(`Compressing the image by ${compress}`, (task) =>
    writeCompressed(image, target, compress, { signal: options.signal, onProgress: task.progress }),
  );
  rmSync(formatted, { force: true });
}

/** The bytes of a disk in a format; a file of its own where that is not raw. */
async function formattedImage(
  disk: DiskSource,
  format: FormatName,
  path: string,
  options: WriteOptions,
): Promise<Image> {
  if (imageFormats[format].driver === "raw") return imageOf(disk);
  await imageFormats[format].write(disk, path, options);
  return imageOf({ path });
}
