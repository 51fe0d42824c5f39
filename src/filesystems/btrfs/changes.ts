import { MiB } from "../../base/units.ts";
import type { FilesystemChanges } from "../filesystem.ts";

/** It grows while it is mounted. Source: btrfs-filesystem(8), btrfs-check(8) of btrfs-progs 6.2. */
export const btrfsChanges: FilesystemChanges = {
  check: (device) => ["btrfs", "check", "--readonly", device],
  requireMounted: (device, mountpoint) => ["require_mounted_btrfs", device, mountpoint],
  grow: { mounted: (mountpoint, device) => ["grow_btrfs", device, mountpoint] },
  label: {
    mounted: (mountpoint, _, label) => ["btrfs", "filesystem", "label", mountpoint, label],
    unmounted: (device, label) => ["btrfs", "filesystem", "label", device, label],
  },
  slack: MiB,
};
