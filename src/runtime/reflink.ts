import { statfsSync } from "node:fs";
import type { Bytes } from "../base/units.ts";
import { libc } from "./libc.ts";

/** A place in an open file. */
interface OpenPlace {
  readonly descriptor: number;
  readonly position: Bytes;
}

/**
 * Has two files share `length` bytes, which stay the bytes of each when the other is written to. Places and length are
 * multiples of `reflinkGrid`.
 *
 * @returns whether it was done. Where it was not, `to` may hold a part of them.
 */
export function reflink(from: OpenPlace, to: OpenPlace, length: Bytes): boolean {
  range[0] = BigInt(from.descriptor);
  range[1] = BigInt(from.position);
  range[2] = BigInt(length);
  range[3] = BigInt(to.position);
  return libc().ioctl(to.descriptor, FICLONERANGE, range) === 0;
}

/** The length of the blocks that an open file can share with others of its filesystem; `undefined` where it cannot. */
export function reflinkGrid(descriptor: number): Bytes | undefined {
  // A file and itself overlap, which is refused only where sharing is known.
  const isDone = reflink({ descriptor, position: 0 }, { descriptor, position: 0 }, 0);
  if (!isDone && unknownRequest.has(libc().lastError()[0])) return undefined;
  return statfsSync(`/proc/self/fd/${descriptor}`).bsize;
}

/** The answers of a kernel, a filesystem or a sandbox that does not know the request. */
const unknownRequest = new Set(["EOPNOTSUPP", "ENOTSUP", "ENOTTY", "ENOSYS", "EPERM", "EACCES"]);

/** Source: linux/fs.h, `_IOW(0x94, 13, struct file_clone_range)`. */
const FICLONERANGE = 0x4020940d;

/** A `struct file_clone_range`: the source's descriptor and offset, the length, the offset in the target. */
const range = new BigInt64Array(4);
