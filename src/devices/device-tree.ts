import * as z from "zod";
import { type BcachefsFilesystemNode, bcachefsFilesystem } from "./types/bcachefs-filesystem/schema.ts";
import { deviceContent, partitionContent } from "./content.ts";
import { type DiskNode, diskNode } from "./types/disk/schema.ts";
import { type LvmVgNode, lvmVgNode } from "./types/lvm-vg/schema.ts";
import { type MdadmNode, mdadmNode } from "./types/mdadm/schema.ts";
import { type NodevNode, nodev } from "./types/nodev/schema.ts";
import { withDefault } from "./schema/option.ts";
import { type ZpoolNode, zpoolNode } from "./types/zpool/schema.ts";

/** Disks and what is on them, in disko's schema, with every default filled in. */
export interface DeviceTree {
  disk: Record<string, DiskNode>;
  mdadm: Record<string, MdadmNode>;
  zpool: Record<string, ZpoolNode>;
  lvm_vg: Record<string, LvmVgNode>;
  bcachefs_filesystems: Record<string, BcachefsFilesystemNode>;
  nodev: Record<string, NodevNode>;
}

export const deviceTree: z.ZodType<DeviceTree, unknown> = z
  .strictObject({
    disk: byName(diskNode(deviceContent), "The disks by name."),
    mdadm: byName(mdadmNode(deviceContent), "The md arrays by name."),
    zpool: byName(zpoolNode(partitionContent), "The ZFS pools by name."),
    lvm_vg: byName(lvmVgNode(partitionContent), "The volume groups by name."),
    bcachefs_filesystems: byName(bcachefsFilesystem, "The bcachefs filesystems by name."),
    nodev: byName(nodev, "Mounts without a disk by mount point."),
  })
  .meta({ title: "device tree", description: "Disks and what is on them: the set under `disko.devices`." });

/** The JSON Schema (2020-12) of a device tree, for editors. */
export function deviceTreeJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(deviceTree, { io: "input", reused: "ref" });
}

function byName<T extends z.ZodType>(node: T, description: string) {
  return withDefault(z.record(z.string(), node), {}, description);
}
