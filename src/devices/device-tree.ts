import * as z from "zod";
import { contentSchemas } from "./content.ts";
import { unitTypes } from "./registry.ts";
import { withDefault } from "./schema/option.ts";
import type { BcachefsFilesystemNode } from "./types/bcachefs-filesystem/schema.ts";
import type { DiskNode } from "./types/disk/schema.ts";
import type { LvmVgNode } from "./types/lvm-vg/schema.ts";
import type { MdadmNode } from "./types/mdadm/schema.ts";
import type { NodevNode } from "./types/nodev/schema.ts";
import type { ZpoolNode } from "./types/zpool/schema.ts";

/** Disks and what is on them, in disko's schema, with every default filled in. */
export interface DeviceTree {
  disk: Record<string, DiskNode>;
  mdadm: Record<string, MdadmNode>;
  zpool: Record<string, ZpoolNode>;
  lvm_vg: Record<string, LvmVgNode>;
  bcachefs_filesystems: Record<string, BcachefsFilesystemNode>;
  nodev: Record<string, NodevNode>;
}

const sets = Object.entries(unitTypes).map(([kind, { schema, description }]) => {
  return [kind, withDefault(schema(contentSchemas), {}, description)] as const;
});

export const deviceTree = z.strictObject(Object.fromEntries(sets)).meta({
  title: "device tree",
  description: "Disks and what is on them: the set under `disko.devices`.",
}) as unknown as z.ZodType<DeviceTree, unknown>;
