import { z } from "zod";
import { deviceContent } from "./content.ts";
import { type DiskNode, diskNode } from "./disk.ts";
import { type NodevNode, nodev } from "./nodev.ts";
import { withDefault } from "./option.ts";

/** Disks and what is on them, in disko's schema, with every default filled in. */
export interface DeviceTree {
  disk: Record<string, DiskNode>;
  nodev: Record<string, NodevNode>;
}

export const deviceTree: z.ZodType<DeviceTree, unknown> = z
  .strictObject({
    disk: withDefault(z.record(z.string(), diskNode(deviceContent)), {}, "The disks by name."),
    nodev: withDefault(z.record(z.string(), nodev), {}, "Mounts without a disk by mount point."),
  })
  .meta({ title: "device tree", description: "Disks and what is on them: the set under `disko.devices`." });

/** The JSON Schema (2020-12) of a device tree, for editors. */
export function deviceTreeJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(deviceTree, { io: "input", reused: "ref" });
}
