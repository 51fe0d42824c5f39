import type { LogicalVolumeNode } from "./schema.ts";

const modulesByType: Readonly<Record<string, readonly string[]>> = {
  mirror: ["dm_mirror", "dm_raid", "raid1"],
  raid0: ["dm_raid", "raid0"],
  raid1: ["dm_raid", "raid1"],
  raid4: ["dm_raid", "raid456"],
  raid5: ["dm_raid", "raid456"],
  raid6: ["dm_raid", "raid456"],
  "thin-pool": ["dm_thin_pool"],
  thinlv: ["dm_thin_pool"],
};

/** The kernel modules that a logical volume takes. */
export function volumeModules({ lvm_type }: LogicalVolumeNode): readonly string[] {
  return modulesByType[lvm_type ?? ""] ?? [];
}
