import { libc } from "./libc.ts";

/** Source: getrlimit(2) on Linux, RLIMIT_CORE. */
const coreSize = 4;

/**
 * One byte: nothing is written, and nothing is handed to a program that collects dumps, which a limit of 0 leaves to the
 * program. Source: core(5) and fs/coredump.c.
 */
const atMost = 1n;

/**
 * From here on neither this process nor what it starts leaves its memory on a disk when it crashes: the keys of a
 * machine's disks are in it. Who wants dumps of a program of theirs can raise the limit again.
 */
export function refuseCoreDumps(): void {
  const limit = new BigUint64Array(2);
  if (libc().getrlimit(coreSize, limit) !== 0 || limit[0] === atMost) return;
  limit[0] = atMost;
  libc().setrlimit(coreSize, limit);
}
