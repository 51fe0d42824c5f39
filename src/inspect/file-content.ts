import { MkimageError } from "../errors.ts";
import { SourceReader } from "../image/source-reader.ts";
import type { Bytes } from "../layout/units.ts";
import { writeRaw } from "../image/raw.ts";
import type { FileInode } from "../manifest/inode.ts";
import { badImage } from "./faults.ts";

/**
 * The bytes of a small file of an image.
 *
 * @throws MkimageError BAD_IMAGE when it has more than `most` bytes.
 */
export function readContent({ size, content }: FileInode, most: Bytes): Buffer {
  if (size > most) throw badImage(`a file of ${size} bytes is larger than its kind ever is (${most})`);
  const bytes = Buffer.alloc(size);
  using reader = new SourceReader();
  try {
    for (const { offset, length, source } of content) reader.read(source, 0, { buffer: bytes, start: offset, length });
  } catch (error) {
    throw cutOff(error);
  }
  return bytes;
}

/**
 * Copies a file of an image to a path of ours.
 *
 * @throws MkimageError BAD_IMAGE when it has more than `most` bytes, or is not all there; NO_SPACE.
 */
export async function extract({ size, content }: FileInode, target: string, most: Bytes): Promise<void> {
  if (size > most) throw badImage(`a file of ${size} bytes is larger than its kind ever is (${most})`);
  try {
    await writeRaw({ size, extents: content }, target);
  } catch (error) {
    throw cutOff(error);
  }
}

/** Only an image that was cut off, or changes while it is read, has files beyond its end. */
function cutOff(error: unknown): unknown {
  if (!(error instanceof MkimageError) || error.code !== "SOURCE_CHANGED") return error;
  return badImage("the image ends before the bytes of this file");
}
