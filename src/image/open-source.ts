import { constants, openSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import { type ByteString, openable, textOf } from "../base/byte-string.ts";
import { hasLastingInodes, otherKind, statusOf } from "../runtime/file-identity.ts";
import type { FileSource } from "./extent.ts";

/** Of whatever has taken a file's place, nothing is waited for, and no link is followed. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens the file that an extent was planned of. Whether it is the same yet, `requirePlanned` says when it has been read: to
 * ask before as well costs as much again, of each of many small files.
 *
 * @throws MkimageError SOURCE_CHANGED when it is gone or unreadable.
 */
export function openSource({ path, inode, fileSize }: FileSource): number {
  const isWalked = inode !== undefined || fileSize !== undefined;
  try {
    return openSync(openable(path), isWalked ? flags | constants.O_NOFOLLOW : flags);
  } catch (error) {
    throw sourceChanged(path, reasonOf(error), error);
  }
}

/**
 * Compares an open file with what was planned.
 *
 * @throws MkimageError SOURCE_CHANGED.
 */
export function requirePlanned({ path, inode, stamp }: FileSource, descriptor: number): void {
  if (inode === undefined) return;
  const now = statusOf(descriptor);
  const kind = otherKind(now.mode);
  if (kind !== undefined) throw sourceChanged(path, `it is ${kind} now`);
  if (now.stamp !== stamp) throw sourceChanged(path, "it is another file, or was written to");
  if (now.inode !== inode && hasLastingInodes(`/proc/self/fd/${descriptor}`))
    throw sourceChanged(path, "another file has taken its place");
}

/** The error for a file that is no longer what the plan was made of. */
export function sourceChanged(path: ByteString, how: string, cause?: unknown): MkimageError {
  return new MkimageError("SOURCE_CHANGED", `${textOf(path)} is not what it was when the image was planned: ${how}`, {
    hint: "build again while nothing writes to the sources",
    cause,
  });
}

/** Why a file could not be opened or read. */
export function reasonOf(error: unknown): string {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  return reasons[code] ?? `it cannot be read (${code})`;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "it is gone",
  ENOTDIR: "a folder above it is gone",
  ELOOP: "it is a symbolic link now",
  ENXIO: "it is a socket or a device now",
  ESPIPE: "it is a fifo now",
  EISDIR: "it is a folder now",
};
