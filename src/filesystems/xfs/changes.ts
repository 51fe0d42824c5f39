import { MiB } from "../../base/units.ts";
import type { FilesystemChanges } from "../filesystem.ts";

/** It grows while it is mounted, and never shrinks. Source: xfs_growfs(8), xfs_db(8), xfs_io(8) of xfsprogs 6.1. */
export const xfsChanges: FilesystemChanges = {
  check: (device) => ["check_xfs", device],
  grow: { mounted: (mountpoint) => ["xfs_growfs", "-d", mountpoint] },
  label: {
    mounted: (mountpoint, _, label) => ["xfs_io", "-c", `label -s ${label}`, mountpoint],
    unmounted: (device, label) => ["xfs_db", "-x", "-c", `label ${label}`, device],
  },
  // 64 blocks are too few for an allocation group.
  slack: 4 * MiB,
};
