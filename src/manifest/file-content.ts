import { closeSync, openSync, readSync } from "node:fs";
import { fillFrom } from "../image/made-source.ts";
import { openable } from "./byte-string.ts";
import type { FileInode } from "./inode.ts";

/** All bytes of a file of a manifest, for files that fit into memory easily. Throws what Node throws for a file that is gone. */
export function contentOf({ size, content }: FileInode): Buffer {
  const bytes = Buffer.alloc(size);
  for (const { source, offset, length } of content) {
    if (source.kind !== "file") {
      fillFrom(source, 0, bytes.subarray(offset, offset + length));
      continue;
    }
    const file = openSync(openable(source.path), "r");
    readSync(file, bytes, offset, length, source.position ?? 0);
    closeSync(file);
  }
  return bytes;
}
