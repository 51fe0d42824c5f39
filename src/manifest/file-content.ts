import { closeSync, openSync, readSync } from "node:fs";
import { openable } from "./byte-string.ts";
import type { FileInode } from "./inode.ts";

/** All bytes of a file of a manifest, for files that fit into memory easily. Throws what Node throws for a file that is gone. */
export function contentOf({ size, content }: FileInode): Buffer {
  const bytes = Buffer.alloc(size);
  for (const { source, offset, length } of content) {
    if (source.kind === "bytes") bytes.set(source.bytes, offset);
    if (source.kind !== "file") continue;
    const file = openSync(openable(source.path), "r");
    readSync(file, bytes, offset, length, source.position);
    closeSync(file);
  }
  return bytes;
}
