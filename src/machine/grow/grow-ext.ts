import { truncate } from "node:fs/promises";
import { MkimageError } from "../../base/errors.ts";
import { type Bytes, formatSize } from "../../base/units.ts";
import { extMagic, extSuperblock, superblockAt, superblockLength } from "../../structures/ext4/superblock.ts";
import { bufferOver } from "../../structures/record.ts";
import { run } from "../../runtime/run.ts";

interface GrowOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Whether the first 2 KiB of a filesystem are those of ext2, ext3 or ext4. */
export function isExt(bytes: Uint8Array): boolean {
  return (
    bytes.length >= superblockAt + superblockLength &&
    extSuperblock.magic.read(bufferOver(bytes), superblockAt) === extMagic
  );
}

/** Replays a journal and repairs what is safe to repair; resize2fs insists on a filesystem that was looked at. */
function repairArguments(path: string): string[] {
  return ["-f", "-p", path];
}

/** Checks everything and changes nothing. */
function checkArguments(path: string): string[] {
  return ["-f", "-n", path];
}

/** A size with an `s` counts in 512 bytes. */
function resizeArguments(path: string, size: Bytes): string[] {
  return [path, `${Math.floor(size / 512)}s`];
}

/**
 * Grows ext2, ext3 or ext4 in a file of its own to `size` bytes, and has e2fsck judge the outcome. No mount, no root.
 * (Within a disk's file resize2fs can grow it too, but then cuts the file off at the filesystem's size.)
 *
 * @throws MkimageError BAD_IMAGE when the filesystem is damaged, MISSING_TOOL, NO_SPACE, INTERRUPTED.
 */
export async function growExt(path: string, size: Bytes, { signal }: GrowOptions = {}): Promise<void> {
  await repair(path, { signal });
  await extend(path, size);
  await run("resize2fs", resizeArguments(path, size), { signal, environment, deadlineSeconds: 3600 });
  await run("e2fsck", checkArguments(path), { signal, deadlineSeconds: 3600 });
}

/** Zeros are to be written as zeros: as holes of the file they would not reach the device. */
const environment = { UNIX_IO_NOZEROOUT: "1" };

/** An exit code other than 0 also says that everything was repaired: only a second look tells. */
async function repair(path: string, { signal }: GrowOptions): Promise<void> {
  const look = (arguments_: readonly string[]) => run("e2fsck", arguments_, { signal, deadlineSeconds: 3600 });
  const failed = await failureOf(look(repairArguments(path)));
  const damage = failed === undefined ? undefined : await failureOf(look(checkArguments(path)));
  if (damage === undefined) return;
  throw new MkimageError("BAD_IMAGE", "the filesystem that is to grow is damaged", {
    details: damage.details,
    hint: "repair the image or make it again; without --grow it is written as it is",
    cause: damage,
  });
}

async function failureOf(work: Promise<unknown>): Promise<MkimageError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof MkimageError && error.code === "COMMAND_FAILED") return error;
    throw error;
  }
}

async function extend(path: string, size: Bytes): Promise<void> {
  try {
    await truncate(path, size);
  } catch (cause) {
    throw new MkimageError("NO_SPACE", `no scratch file of ${formatSize(size)} can be made: ${String(cause)}`, {
      hint: "put the image onto a filesystem that has files of this size; only what is in it takes space",
      cause,
    });
  }
}
