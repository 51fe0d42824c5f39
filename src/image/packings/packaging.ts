import { rmSync } from "node:fs";
import type { Bytes } from "../../base/units.ts";
import { type DiskSource, imageOf } from "../disk-source.ts";
import type { WriteOptions } from "../formats/format.ts";
import { type FormatName, imageFormats } from "../formats/registry.ts";
import type { Image } from "../image.ts";
import { writeRaw } from "../raw.ts";
import type { DescribedMachine } from "./archive.ts";
import { type ArchiveName, archives } from "./archives.ts";
import { type CompressorName, compressors } from "./compressors.ts";
import { writeCompressed } from "./write-compressed.ts";

/** The kind of a disk's file. */
export interface Packaging {
  readonly format: FormatName;
  /** Compresses the file as a whole. */
  readonly compress?: CompressorName | undefined;
  /** Says itself what is in it, and how it is compressed. */
  readonly archive?: ArchiveName | undefined;
}

/** The ending of a disk's file, without its first dot. */
export function endingOf({ format, compress, archive }: Packaging): string {
  if (archive !== undefined) return archives[archive].ending;
  const { ending } = imageFormats[format];
  return compress === undefined ? ending : `${ending}.${compressors[compress].ending}`;
}

interface PackagingOptions extends WriteOptions {
  /** Described in an archive. */
  readonly machine: DescribedMachine;
}

/**
 * Writes the file of a disk. A raw image that is packed is never a file of its own. When it fails the target stays behind,
 * incomplete.
 *
 * @throws MkimageError as `ImageFormat.write`.
 */
export async function writePackaged(
  disk: DiskSource,
  { format, compress, archive }: Packaging,
  target: string,
  options: PackagingOptions,
): Promise<void> {
  if (archive !== undefined) return writeArchive(disk, archive, target, options);
  if (compress === undefined) return imageFormats[format].write(disk, target, options);
  const formatted = `${target}.disk`;
  await writePacked(await formattedImage(disk, format, formatted, options), compress, target, options);
  rmSync(formatted, { force: true });
}

async function writeArchive(
  disk: DiskSource,
  name: ArchiveName,
  target: string,
  options: PackagingOptions,
): Promise<void> {
  const archive = archives[name];
  const formatted = `${target}.disk`;
  const capacity: Bytes = imageOf(disk).size;
  const file = await formattedImage(disk, archive.format, formatted, options);
  const kept = { size: file.size, extents: [...file.extents] };
  const image = await archive.layOut({ file: kept, capacity, machine: options.machine, identity: options.identity });
  await writePacked(image, archive.compress, target, options);
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

async function writePacked(
  image: Image,
  compress: CompressorName | undefined,
  target: string,
  { signal, reporter }: WriteOptions,
): Promise<void> {
  const title = compress === undefined ? "Packing the image" : `Packing the image by ${compress}`;
  await reporter.task(title, ({ progress }) => {
    const options = { signal, onProgress: progress };
    return compress === undefined
      ? writeRaw(image, target, options)
      : writeCompressed(image, target, compress, options);
  });
}
