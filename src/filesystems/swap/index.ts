import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkswap(8) of util-linux 2.38. */
const mkfs: Mkfs = {
  short: "cfhp:qL:U:v:V",
  long: [
    "check",
    "force",
    "help",
    "label=",
    "lock",
    "pagesize=",
    "quiet",
    "swapversion=",
    "uuid=",
    "verbose",
    "version",
  ],
  label: { names: ["-L", "--label"], most: 15, counted: "bytes" },
  uuid: { names: ["-U", "--uuid"] },
  identifier: "uuid",
  fixed: [],
};

/** Swap space, which is told names as filesystems are. */
export const swap: Filesystem = {
  ...common,
  survey: null,
  mkfs,
  contents: ["swap"],
  driver: null,
  endsTellAll: true,
};
