import { type ByteString, textOf } from "../base/byte-string.ts";

/** Source: PATH_MAX in linux/limits.h, which counts the zero byte behind a path; NAME_MAX. */
const longestPath = 4095;
const longestName = 255;

/**
 * Why no system could open what has this path, its names given from the root on: `undefined` where nothing is wrong. So trees are no
 * deeper than paths are long.
 */
export function pathFault(names: readonly ByteString[]): string | undefined {
  const length = names.reduce((sum, name) => sum + 1 + name.length, 0);
  if (length > longestPath) return `its path has ${length} bytes, of at most ${longestPath} (PATH_MAX)`;
  const long = names.find((name) => name.length > longestName);
  if (long !== undefined)
    return `the name ${textOf(long.slice(0, 20))}… has ${long.length} bytes, of at most ${longestName} (NAME_MAX)`;
  return names.some((name) => name.includes("\0")) ? "its path has a zero byte in it" : undefined;
}
