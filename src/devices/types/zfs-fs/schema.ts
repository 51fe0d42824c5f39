import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import type { Named } from "../../schema/keyed-set.ts";
import { mountOptions, mountpoint, nodeType, optional, withDefault } from "../../schema/option.ts";

/** A filesystem of a ZFS pool. */
export const zfsFs = z
  .strictObject({
    type: nodeType("zfs_fs"),
    name: optional(z.string(), "The path of the dataset in its pool. `null`: its key."),
    options: withDefault(z.record(z.string(), z.string()), {}, "Properties of the dataset."),
    mountpoint,
    mountOptions,
    ...hooks,
  })
  .meta({ title: "zfs_fs", description: "A filesystem of a ZFS pool." });

export type ZfsFsNode = Named<z.output<typeof zfsFs>>;

/** Whether a filesystem with these properties is ever mounted; one that is not may still hand them to what is below it. */
export function isMountable(properties: Readonly<Record<string, string>>): boolean {
  return properties["mountpoint"] !== "none" && properties["canmount"] !== "off";
}
