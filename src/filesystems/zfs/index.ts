import type { Filesystem } from "../filesystem.ts";
import { guestMade } from "../guest-made/guest-made.ts";
import { zfsSpace } from "./space.ts";

/** Pools, which are made by `zpool`. */
export const zfs: Filesystem = {
  survey: guestMade("zfs", zfsSpace),
  mkfs: null,
};
