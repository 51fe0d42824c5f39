import type { ByteString } from "../../base/byte-string.ts";

/** What a walk is to find besides what every inode has. */
export interface WalkRules {
  readonly xattrs: "keep" | "drop";
}

/** What ended the walk through a tree. */
export interface WalkFault {
  readonly path: ByteString;
  readonly reason: string;
}

/** What was found in trees, one after another, in columns: objects are slow to send from thread to thread. */
export interface Walked {
  /** What was walked, in this order: the places that the trees had in the list of them. */
  readonly trees: readonly number[];
  /** Of the trees that could not be walked, of which nothing else is here. */
  readonly faults: ReadonlyMap<number, WalkFault>;
  /** `inodeWords` of each inode. Behind a folder comes all that is in it. */
  readonly inodes: Uint32Array<ArrayBuffer>;
  /** The name of each inode, and a slash behind it; a tree itself has none. */
  readonly names: Uint8Array<ArrayBuffer>;
  /** What each symbolic link leads to, and a zero byte behind it. */
  readonly targets: ByteString;
  /** Of those that have any, by the place of the inode. */
  readonly xattrs: ReadonlyMap<number, ReadonlyMap<ByteString, Uint8Array>>;
}

/** A mode that no file has. */
export const elsewhere = 0;
