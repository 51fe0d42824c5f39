/** The output of `mkimage diff --json`. Sizes and offsets are in bytes. */
export interface DiffFacts {
  readonly version: 1;
  /** Whether there is no difference at all: of images, that their disks have the same bytes. */
  readonly same: boolean;
  /** `null` where closures are compared. */
  readonly bytes: BytesDiff | null;
  readonly partitions: readonly Change[];
  readonly files: readonly Change[];
  readonly store: StoreDiff;
}

export interface BytesDiff {
  readonly sizes: readonly [before: number, after: number];
  /** The first byte that differs, and what it belongs to on either side; `null` where there is none. */
  readonly first: { readonly offset: number; readonly before: string; readonly after: string } | null;
  /** How many blocks of 4096 bytes differ. */
  readonly blocks: number;
  /** The owners of the differing blocks in the second image, the most blocks first. */
  readonly owners: readonly { readonly name: string; readonly blocks: number }[];
}

export interface Change {
  readonly kind: "added" | "removed" | "changed";
  readonly name: string;
  readonly sizes: readonly [before: number | null, after: number | null];
  /** The kinds of change beyond the size. */
  readonly what: readonly string[];
}

export interface StoreDiff {
  readonly changes: readonly Change[];
  /** Of all paths together. */
  readonly sizes: readonly [before: number, after: number];
}
