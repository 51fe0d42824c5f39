import { SourceReader } from "../image/source-reader.ts";
import { contentExtents } from "./content-extents.ts";
import type { FileInode } from "./inode.ts";

/**
 * All bytes of a file of a manifest, for files that fit into memory easily.
 *
 * @throws MkimageError SOURCE_CHANGED when they are no longer there.
 */
export function contentOf(file: FileInode): Buffer {
  // The reader may look one byte further, to see whether a file has grown.
  const buffer = Buffer.alloc(file.size + 1);
  using reader = new SourceReader();
  for (const { source, offset, length } of contentExtents(file))
    reader.read(source, 0, { buffer, start: offset, length });
  return buffer.subarray(0, file.size);
}
