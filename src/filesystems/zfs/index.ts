import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import { guestMade } from "../guest-made/guest-made.ts";
import { zfsSpace } from "./space.ts";

/** Pools, which are made by `zpool`. */
export const zfs: Filesystem = {
  ...common,
  survey: guestMade("zfs", () => zfsSpace),
  mkfs: null,
  contents: ["zfs_member"],
  driver: "zfs",
  programs: ["zfs", "zpool"],
  helperNeedsDriver: true,
  compresses: true,
  endsTellAll: true,
};
