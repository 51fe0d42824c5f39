import { KiB, MiB } from "../../base/units.ts";
import type { FilesystemChanges } from "../filesystem.ts";

/** Source: resize2fs(8), e2fsck(8), tune2fs(8) of e2fsprogs 1.47. */
export const extChanges = {
  check: (device) => ["check_ext", device],
  grow: {
    mounted: (_, device) => ["grow_mounted_ext", device],
    unmounted: (device) => [["grow_ext", device]],
  },
  shrink: (device, size) => [["shrink_ext", device, `${Math.floor(size / KiB)}`]],
  label: {
    mounted: (_, device, label) => ["tune2fs", "-L", label, device],
    unmounted: (device, label) => ["tune2fs", "-L", label, device],
  },
  // A last group that has no room for more than its own tables is left out.
  slack: 8 * MiB,
} as const satisfies FilesystemChanges;
