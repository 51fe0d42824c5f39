import { accessSync, constants, statfsSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import { memoryFolders } from "../runtime/leftovers.ts";

/** The magic numbers of tmpfs and ramfs. Source: statfs(2). */
const memoryFilesystems = new Set([0x01021994, 0x858458f6]);

/**
 * A folder whose files are in memory and on no disk.
 *
 * @throws MkimageError BAD_REQUEST when this machine has none that can be written to.
 */
export function ramFolder(): string {
  const folders = memoryFolders();
  const found = folders.find(isInMemory);
  if (found !== undefined) return found;
  throw new MkimageError("BAD_REQUEST", `no folder in memory is there for secrets: looked at ${folders.join(", ")}`, {
    hint: "mount one: mount -t tmpfs tmpfs /dev/shm",
  });
}

function isInMemory(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return memoryFilesystems.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}
