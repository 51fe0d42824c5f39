import { statfs } from "node:fs/promises";
import type { Bytes } from "../base/units.ts";

/** How many bytes an ordinary user can still write into `folder`. */
export async function freeSpace(folder: string): Promise<Bytes> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
