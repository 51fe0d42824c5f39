import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { MkimageError } from "../errors.ts";
import { type Bytes, formatSize } from "../layout/units.ts";
import { named } from "../process/naming.ts";

/** How many bytes an ordinary user can still write into `folder`. */
export async function freeSpace(folder: string): Promise<Bytes> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Makes sure that `needed` bytes fit into `folder`, before anything is written.
 *
 * @throws MkimageError NO_SPACE.
 */
export async function requireSpace(folder: string, needed: Bytes): Promise<void> {
  const free = await freeSpace(folder);
  if (free < needed) throw noSpace(folder, needed, free);
}

/** What a failed write of a file of up to `needed` bytes means: NO_SPACE when the disk is full, else the error, of this file. */
export async function spaceError(error: unknown, path: string, needed: Bytes): Promise<unknown> {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code !== "ENOSPC" && code !== "EDQUOT" && code !== "EFBIG") return named(path, error);
  return noSpace(dirname(path), needed, await freeSpace(dirname(path)), error);
}

function noSpace(folder: string, needed: Bytes, free: Bytes, cause?: unknown): MkimageError {
  const need = `up to ${formatSize(needed)} are needed there, ${formatSize(free)} are free`;
  return new MkimageError("NO_SPACE", `no space left in ${folder}: ${need}`, {
    hint: "make room, or choose a folder on another disk",
    cause,
  });
}
