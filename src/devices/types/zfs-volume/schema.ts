import * as z from "zod";
import type { PartitionContent } from "../../content.ts";
import { hooks } from "../../schema/hooks.ts";
import type { Named } from "../../schema/keyed-set.ts";
import { extraArguments, mountOptions, nodeType, optional, required, withDefault } from "../../schema/option.ts";
import { sizeText } from "../../schema/values.ts";

const volumeOptions = z.strictObject({
  type: nodeType("zfs_volume"),
  name: optional(z.string(), "The path of the volume in its pool. `null`: its key."),
  size: required(sizeText, "The size of the volume, such as `10G`."),
  options: withDefault(z.record(z.string(), z.string()), {}, "Properties of the volume."),
  mountOptions,
  extraArgs: extraArguments("zfs create"),
  ...hooks,
});

/** A block device that a ZFS pool provides. */
export interface ZfsVolumeNode extends Named<z.output<typeof volumeOptions>> {
  content: PartitionContent | null;
}

/** The schema of a ZFS volume that holds `content`. */
export function zfsVolumeNode(content: z.ZodType<PartitionContent, unknown>) {
  return volumeOptions
    .extend({ content: optional(content, "What is on the volume.") })
    .meta({ title: "zfs_volume", description: "A block device that a ZFS pool provides." });
}
