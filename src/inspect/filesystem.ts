import type { Bytes } from "../base/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";

/** Bytes that a filesystem keeps for itself, counted from the filesystem's beginning. */
export interface Structure {
  readonly offset: Bytes;
  readonly length: Bytes;
  /** Names the owner of the byte at this offset of the filesystem. */
  readonly describe: (at: Bytes) => string;
}

/** A filesystem that was read without being mounted. */
export interface ReadFilesystem {
  readonly root: DirectoryInode;
  readonly size: Bytes;
  /** Bytes that an ordinary user can still write, as `df` would report after a mount. */
  readonly freeBytes: Bytes;
  /** Whether a journal holds changes that a mount would carry out. */
  readonly needsRecovery: boolean;
  /** Ascending where they begin. */
  readonly structures: readonly Structure[];
  /** The parts that could not be read, each with the reason. */
  readonly faults: readonly string[];
}
