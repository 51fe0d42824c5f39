import { type Bytes, MiB } from "../base/units.ts";

/** The largest disk that is tried: 4 PiB. */
const largestDisk: Bytes = 2 ** 52;

/** The smallest whole number of MiB for which `fits` holds, when it holds for all larger ones; `undefined`: none. */
export function smallestSize(fits: (size: Bytes) => boolean): Bytes | undefined {
  let high = 1;
  while (!fits(high * MiB)) {
    if (high * MiB >= largestDisk) return undefined;
    high *= 2;
  }
  let low = Math.floor(high / 2);
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle * MiB)) high = middle;
    else low = middle;
  }
  return high * MiB;
}
