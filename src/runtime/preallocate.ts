import { statfsSync } from "node:fs";
import type { Bytes } from "../base/units.ts";
import { libc } from "./libc.ts";

/**
 * Whether an open file's filesystem finds room sooner for a long run at once than block by block: ext4 does. tmpfs fills what is
 * allocated with zeros, and of others nothing is known.
 */
export function gainsByPreallocating(descriptor: number): boolean {
  return statfsSync(`/proc/self/fd/${descriptor}`).type === ext4;
}

/** Finds room for a run of an open file, which reads as before. Where that fails, writing to the run tells why. */
export function preallocate(descriptor: number, offset: Bytes, length: Bytes): void {
  libc().fallocate(descriptor, keepSize, offset, length);
}

/** Source: linux/magic.h; ext2 and ext3 have the same, and refuse. */
const ext4 = 0xef53;

/** Source: linux/falloc.h, FALLOC_FL_KEEP_SIZE. */
const keepSize = 1;
