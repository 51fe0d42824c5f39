import { libc } from "./libc.ts";

/** Source: lseek(2), SEEK_DATA and SEEK_HOLE. */
const whence = { data: 3, hole: 4 } as const;

/**
 * The next byte of an open file's data, or of a hole, from `from` on; `undefined` where there is none. On filesystems that
 * know no holes everything is data.
 */
export function seek(descriptor: number, from: number, what: keyof typeof whence): number | undefined {
  const found = libc().lseek(descriptor, from, whence[what]);
  if (found >= 0) return found;
  const isEnd = libc().lastError()[0] === "ENXIO";
  return isEnd || what === "hole" ? undefined : from;
}
