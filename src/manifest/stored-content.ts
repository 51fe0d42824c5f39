import { MkimageError } from "../base/errors.ts";
import { clipExtents, lengthOf } from "../image/extent.ts";
import { SourceReader } from "../image/source-reader.ts";
import { type Bytes, KiB } from "../base/units.ts";
import { contentExtents } from "./content-extents.ts";
import type { FileInode } from "./inode.ts";
import { badImage } from "../base/image-faults.ts";

/** A file that is read as a whole is no emptier than this: zeros in holes cost an image nothing, and its reader memory. */
const largestHoles = 4 * KiB;

/**
 * The bytes of a small file of an image.
 *
 * @throws MkimageError BAD_IMAGE when it has more than `most` bytes, or is mostly holes.
 */
export function readContent(file: FileInode, most: Bytes): Buffer {
  if (file.size > most) throw badImage(`a file of ${file.size} bytes is larger than its kind ever is (${most})`);
  const there = lengthOf(contentExtents(file));
  if (file.size > 2 * there + largestHoles) throw badImage(`a file of ${file.size} bytes has only ${there}, and holes`);
  return readStart(file, most);
}

/**
 * The first bytes of a file of an image, no more than `most`.
 *
 * @throws MkimageError BAD_IMAGE when they are not all there.
 */
export function readStart(file: FileInode, most: Bytes): Buffer {
  const bytes = Buffer.alloc(Math.min(file.size, most));
  using reader = new SourceReader();
  try {
    for (const { offset, length, source } of clipExtents(contentExtents(file), 0, bytes.length))
      reader.read(source, 0, { buffer: bytes, start: offset, length });
  } catch (error) {
    throw cutOff(error);
  }
  return bytes;
}

/** Only an image that was cut off, or changes while it is read, has files beyond its end. */
export function cutOff(error: unknown): unknown {
  if (!(error instanceof MkimageError) || error.code !== "SOURCE_CHANGED") return error;
  return badImage("the image ends before the bytes of this file");
}
