import { dirname } from "node:path";
import { MkimageError } from "../base/errors.ts";
import { type Bytes, formatSize, KiB } from "../base/units.ts";
import { freeSpace } from "../runtime/free-space.ts";
import { named } from "../runtime/naming.ts";
import { systemErrorName } from "../runtime/system-error.ts";

/**
 * Makes sure that `needed` bytes fit into `folder`, before anything is written.
 *
 * @param host which says how much there is. Default: this machine.
 * @throws MkimageError NO_SPACE.
 */
export async function requireSpace(
  folder: string,
  needed: Bytes,
  host: { readonly freeSpace: typeof freeSpace } = { freeSpace },
): Promise<void> {
  const free = await host.freeSpace(folder);
  if (free < needed) throw noSpace(folder, needed, free);
}

/**
 * Makes sure that a tool that has just written into `folder` had room to do so: some say of a full disk only that writing
 * went wrong, as if what they write were damaged.
 *
 * @throws MkimageError NO_SPACE.
 */
export async function requireRoom(folder: string): Promise<void> {
  await requireSpace(folder, smallestRoom);
}

const smallestRoom = 64 * KiB;

/** Returns the error for a failed write of up to `needed` bytes: NO_SPACE on a full disk, else the same, with its path. */
export async function spaceError(error: unknown, path: string, needed: Bytes): Promise<unknown> {
  const code = systemErrorName(error);
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
