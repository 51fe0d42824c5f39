import { statSync } from "node:fs";
import { byteString } from "../base/byte-string.ts";
import { fileExtent } from "./extent.ts";
import type { Image } from "./image.ts";

/** A disk that is about to be written in its final format: as extents, or as a raw file of ours that may be used up. */
export type DiskSource = Image | { readonly path: string };

/** A disk as extents, whatever it is. */
export function imageOf(disk: DiskSource): Image {
  if (!("path" in disk)) return disk;
  const { size } = statSync(disk.path);
  return { size, extents: [fileExtent(0, size, byteString(disk.path))] };
}
