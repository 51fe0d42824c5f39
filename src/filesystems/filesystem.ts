import type { Mkfs } from "./mkfs/mkfs.ts";
import type { Survey } from "./survey.ts";

/** All that mkimage knows of one filesystem; whoever needs to know asks `registry.ts`. */
export interface Filesystem {
  /** How images are made with it; `null`: only machines get it, by their own mkfs. */
  readonly survey: Survey | null;
  /** How its program is told names; `null` where it has none, and is passed a user's arguments only. */
  readonly mkfs: Mkfs | null;
}
