import type { ByteString } from "../../base/byte-string.ts";

/** The optional attributes that a walk reads. */
export interface WalkRules {
  readonly xattrs: "keep" | "drop";
}

/** The fault that ended the walk of a tree. */
export interface WalkFault {
  readonly path: ByteString;
  readonly reason: string;
}

/** The result of walking trees one after another, in columns: objects are slow to send from thread to thread. */
export interface Walked {
  /** The trees in the order of the walk, by their index in the list of trees. */
  readonly trees: readonly number[];
  /** The faults of trees that could not be walked; the other columns have nothing of these trees. */
  readonly faults: ReadonlyMap<number, WalkFault>;
  /** `inodeWords` of each inode. Behind a folder comes all that is in it. */
  readonly inodes: Uint32Array<ArrayBuffer>;
  /** The name of each inode, and a slash behind it; a tree itself has none. */
  readonly names: Uint8Array<ArrayBuffer>;
  /** The target of each symbolic link, and a zero byte behind it. */
  readonly targets: ByteString;
  /** Of those that have any, by the place of the inode. */
  readonly xattrs: ReadonlyMap<number, ReadonlyMap<ByteString, Uint8Array>>;
}

/** A mode that no file has. */
export const elsewhere = 0;
