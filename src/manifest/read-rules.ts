import type { Timestamp } from "./inode.ts";

/** The rules for which attributes of files on this machine go into a manifest, and which are set instead. */
export interface ReadRules {
  /** `root`: everything is owned by 0:0. `as-is`: the numbers that the files have. */
  readonly owner: "root" | "as-is";
  /** `store`: what Nix leaves in its store, 0444 and 0555. `as-is`: the files' own. */
  readonly modes: "store" | "as-is";
  /** One time for everything, or the files' own to the nanosecond. */
  readonly times: Timestamp | "as-is";
  /** `break`: each name is a file of its own. `keep`: names of one inode stay names of one inode. */
  readonly links: "break" | "keep";
  /** `fill`: files are read whole. `keep`: 4 KiB blocks of zeros in a sparse file become holes. */
  readonly holes: "fill" | "keep";
  /** Extended attributes. */
  readonly xattrs: "keep" | "drop";
}

/** Store paths look alike wherever they come from: a shared, an optimised or an ordinary user's store. */
export const storeRules: ReadRules = {
  owner: "root",
  modes: "store",
  times: { seconds: 1, nanoseconds: 0 },
  links: "break",
  holes: "fill",
  xattrs: "drop",
};

/** Returns the rules for files from elsewhere that go into an image: they keep contents and modes, and nothing else. */
export function copyRules(time: Timestamp): ReadRules {
  return { owner: "root", modes: "as-is", times: time, links: "break", holes: "fill", xattrs: "drop" };
}
