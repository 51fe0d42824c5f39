import type { Extent } from "../image/extent.ts";
import type { FileInode } from "./inode.ts";

/** The content of a file as extents, whichever way its inode has it. */
export function contentExtents({ size, content }: Pick<FileInode, "size" | "content">): readonly Extent[] {
  return "kind" in content ? [{ offset: 0, length: size, source: content }] : content;
}
