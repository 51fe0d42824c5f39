import { SourceReader } from "../image/source-reader.ts";
import type { FileInode } from "./inode.ts";

/**
 * All bytes of a file of a manifest, for files that fit into memory easily.
 *
 * @throws MkimageError SOURCE_CHANGED when they are no longer there.
 */
export function contentOf({ size, content }: FileInode): Buffer {
  // The reader may look one byte further, to see whether a file has grown.
  const buffer = Buffer.alloc(size + 1);
  using reader = new SourceReader();
  for (const { source, offset, length } of content) reader.read(source, 0, { buffer, start: offset, length });
  return buffer.subarray(0, size);
}
