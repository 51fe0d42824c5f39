import * as z from "zod";
import type { ContentSchemas } from "./content-type.ts";
import { contentTypes } from "./registry.ts";
import type { BcachefsNode } from "./types/bcachefs/schema.ts";
import type { BtrfsNode } from "./types/btrfs/schema.ts";
import type { FilesystemNode } from "./types/filesystem/schema.ts";
import type { GptNode } from "./types/gpt/schema.ts";
import type { LuksNode } from "./types/luks/schema.ts";
import type { LvmPvNode } from "./types/lvm-pv/schema.ts";
import type { MdraidNode } from "./types/mdraid/schema.ts";
import type { SwapNode } from "./types/swap/schema.ts";
import type { TableNode } from "./types/table/schema.ts";
import type { ZfsNode } from "./types/zfs/schema.ts";

/** The nodes that fill a block device, by the names of their types. */
export interface ContentNodes {
  bcachefs: BcachefsNode;
  btrfs: BtrfsNode;
  filesystem: FilesystemNode;
  gpt: GptNode;
  luks: LuksNode;
  lvm_pv: LvmPvNode;
  mdraid: MdraidNode;
  swap: SwapNode;
  table: TableNode;
  zfs: ZfsNode;
}

/** The content of a disk, a container or an array. */
export type DeviceContent = ContentNodes[keyof ContentNodes];

/** The content of a partition, a logical volume or a ZFS volume: anything but a table. */
export type PartitionContent = Exclude<DeviceContent, GptNode | TableNode>;

// Lazy, because the types contain each other.
const device: z.ZodType<DeviceContent, unknown> = z.lazy(() => unionOf<DeviceContent>(schemas()));
const partition: z.ZodType<PartitionContent, unknown> = z.lazy(() =>
  unionOf<PartitionContent>(schemas().filter(isNoTable)),
);

/** The schemas of what lies on devices and in partitions. */
export const contentSchemas: ContentSchemas = { device, partition };

/** Made once, so that both unions have the same. */
let made: readonly (readonly [name: keyof ContentNodes, schema: z.ZodObject])[] | undefined;

function schemas(): NonNullable<typeof made> {
  const names = Object.keys(contentTypes) as (keyof ContentNodes)[];
  return (made ??= names.map((name) => [name, contentTypes[name].schema(contentSchemas)]));
}

function isNoTable([name]: readonly [keyof ContentNodes, z.ZodObject]): boolean {
  return contentTypes[name].layout.kind !== "table";
}

function unionOf<Node>(options: NonNullable<typeof made>): z.ZodType<Node, unknown> {
  const [first, ...others] = options.map(([, schema]) => schema);
  if (first === undefined) throw new Error("no type of node fills a device");
  return z.discriminatedUnion("type", [first, ...others]) as unknown as z.ZodType<Node, unknown>;
}
