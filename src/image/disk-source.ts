import { closeSync, openSync, statSync } from "node:fs";
import { byteString } from "../base/byte-string.ts";
import type { Bytes } from "../base/units.ts";
import { seek } from "../runtime/seek.ts";
import { type Extent, fileExtent } from "./extent.ts";
import type { Image } from "./image.ts";

/** A disk that is about to be written in its final format: as extents, or as a raw file of ours that may be used up. */
export type DiskSource = Image | { readonly path: string };

/** A disk as extents, whatever it is. The holes of a file are none. */
export function imageOf(disk: DiskSource): Image {
  if (!("path" in disk)) return disk;
  const { size } = statSync(disk.path);
  return { size, extents: dataOf(disk.path, size) };
}

function dataOf(path: string, size: Bytes): readonly Extent[] {
  const descriptor = openSync(path, "r");
  try {
    const extents: Extent[] = [];
    for (let start = seek(descriptor, 0, "data"); start !== undefined && start < size;) {
      const end = Math.min(seek(descriptor, start, "hole") ?? size, size);
      extents.push(fileExtent(start, end - start, byteString(path), start));
      start = seek(descriptor, end, "data");
    }
    return extents;
  } finally {
    closeSync(descriptor);
  }
}
