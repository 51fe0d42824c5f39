import * as z from "zod";
import type { PartitionContent } from "../../content.ts";
import { hooks } from "../../schema/hooks.ts";
import { type Named, namedSet } from "../../schema/keyed-set.ts";
import { extraArguments, optional, required, withDefault } from "../../schema/option.ts";
import { logicalVolumeSizeText } from "../../schema/values.ts";

const types = ["mirror", "raid0", "raid1", "raid4", "raid5", "raid6", "thin-pool", "thinlv"] as const;

const volumeOptions = z.strictObject({
  name: optional(z.string(), "The name of the volume. `null`: its key."),
  size: required(
    logicalVolumeSizeText,
    "The size: `10G`, or a share such as `100%FREE` or `50%VG`; `100%` means `100%FREE`. Volumes of `100%` come last.",
  ),
  priority: optional(
    z.int(),
    "The order of the volumes. `null`: 500 for a thin pool, 9001 for a size of `100%`, else 1000.",
  ),
  lvm_type: optional(z.enum(types), "The type of the volume. `null`: linear."),
  pool: optional(z.string(), "The thin pool of a `thinlv`: the name of another volume."),
  extraArgs: extraArguments("lvcreate"),
  ...hooks,
});

/** A logical volume. */
export interface LogicalVolumeNode extends Named<z.output<typeof volumeOptions>> {
  content: PartitionContent | null;
}

const groupOptions = z.strictObject({
  type: withDefault(z.literal("lvm_vg"), "lvm_vg", "The type of the node."),
  name: optional(z.string(), "The name of the volume group. `null`: its key."),
  ...hooks,
});

/** A volume group. */
export interface LvmVgNode extends Named<z.output<typeof groupOptions>> {
  lvs: Record<string, LogicalVolumeNode>;
}

/** The schema of volume groups whose volumes hold `content`. */
export function lvmVgSet(content: z.ZodType<PartitionContent, unknown>) {
  const volume = volumeOptions
    .extend({ content: optional(content, "What is on the volume.") })
    .meta({ title: "logical volume", description: "A logical volume of LVM." });
  const group = groupOptions
    .extend({ lvs: withDefault(namedSet(volume), {}, "The logical volumes by name.") })
    .meta({ title: "lvm_vg", description: "A volume group of LVM." });
  return namedSet(group);
}
