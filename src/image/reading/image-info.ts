import { MkimageError } from "../../base/errors.ts";
import type { Bytes } from "../../base/units.ts";

/** The facts that qemu-img reports about an image. */
export interface ImageInfo {
  readonly format: string;
  readonly virtualSize: Bytes;
  /** Files that the image takes bytes from. */
  readonly files: readonly string[];
}

/** Reads the output of `qemu-img info --output=json`. */
export function parseImageInfo(json: string): ImageInfo {
  const info = JSON.parse(json) as {
    format: string;
    "virtual-size": number;
    "backing-filename"?: string;
    "format-specific"?: { data?: { "data-file"?: string; extents?: { filename: string }[] } };
  };
  const data = info["format-specific"]?.data;
  const extents = (data?.extents ?? []).map(({ filename }) => filename);
  const files = [info["backing-filename"], data?.["data-file"], ...extents].filter((file) => file !== undefined);
  return { format: info.format, virtualSize: info["virtual-size"], files };
}

/**
 * An image that reads other files could carry anything of this machine onto the device.
 *
 * @throws MkimageError BAD_IMAGE.
 */
export function refuseForeignFiles(path: string, { files }: ImageInfo): void {
  const foreign = files.filter((file) => file !== path);
  if (foreign.length === 0) return;
  throw new MkimageError("BAD_IMAGE", `${path} takes bytes from other files: ${foreign.join(", ")}`, {
    hint: "make one file of it first, if you trust it: qemu-img convert -O qcow2",
  });
}
