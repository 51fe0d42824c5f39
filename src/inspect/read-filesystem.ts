import type { DiskBytes } from "../image/disk-bytes.ts";
import { isExt, readExt } from "./ext4/read-ext.ts";
import { isFat, readFat } from "./fat/read-fat.ts";
import type { ReadFilesystem } from "./filesystem.ts";

/**
 * Reads the file tree of an ext2, ext3, ext4 or FAT filesystem; `undefined` for every other content. The content of files
 * is given as ranges of the image.
 *
 * @throws MkimageError BAD_IMAGE when its first structures make no sense; INTERRUPTED.
 */
export async function readFilesystem(bytes: DiskBytes, signal?: AbortSignal): Promise<ReadFilesystem | undefined> {
  if (isExt(bytes)) return await readExt(bytes, signal);
  return isFat(bytes) ? await readFat(bytes, signal) : undefined;
}
