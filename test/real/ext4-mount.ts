import { mkdirSync } from "node:fs";
import type { ExecutionContext } from "ava";
import { judge, temporaryFolder } from "../filesystems/ext4/judges.ts";

/** Lets the kernel mount an image, read-only unless `write` is asked for, and gives what `look` makes of it. */
export async function mounted<T>(
  t: ExecutionContext,
  image: string,
  look: (folder: string) => T | Promise<T>,
  access: "ro" | "rw" = "ro",
): Promise<T> {
  const folder = `${temporaryFolder(t)}/mounted`;
  mkdirSync(folder);
  judge("mount", "-t", "ext4", "-o", `loop,${access},noatime`, image, folder);
  try {
    return await look(folder);
  } finally {
    judge("umount", folder);
  }
}
