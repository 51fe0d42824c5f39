import { readFileSync } from "node:fs";
import { bytesExtent } from "../image/extent.ts";
import { MkimageError } from "../base/errors.ts";
import type { FileInode, Timestamp } from "./inode.ts";

/**
 * A configuration.nix of this machine as a file of root's, links followed.
 *
 * @throws MkimageError BAD_REQUEST when it cannot be read.
 */
export function readConfiguration(path: string, time: Timestamp): FileInode {
  const bytes = readBytes(path);
  return {
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: time,
    size: bytes.length,
    content: bytes.length === 0 ? [] : [bytesExtent(0, bytes)],
  };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new MkimageError("BAD_REQUEST", `the configuration ${path} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}
