import * as z from "zod";
import { type BcachefsNode, bcachefs } from "./types/bcachefs/schema.ts";
import { type BtrfsNode, btrfs } from "./types/btrfs/schema.ts";
import { type FilesystemNode, filesystem } from "./types/filesystem/schema.ts";
import { type GptNode, gptNode } from "./types/gpt/schema.ts";
import { type LuksNode, luksNode } from "./types/luks/schema.ts";
import { type LvmPvNode, lvmPv } from "./types/lvm-pv/schema.ts";
import { type MdraidNode, mdraid } from "./types/mdraid/schema.ts";
import { type SwapNode, swap } from "./types/swap/schema.ts";
import { type TableNode, tableNode } from "./types/table/schema.ts";
import { type ZfsNode, zfs } from "./types/zfs/schema.ts";

/** What a partition, a logical volume or a ZFS volume can hold. */
export type PartitionContent =
  | BcachefsNode
  | BtrfsNode
  | FilesystemNode
  | LuksNode
  | LvmPvNode
  | MdraidNode
  | SwapNode
  | ZfsNode;

/** What a disk, a LUKS container or an md array can hold. */
export type DeviceContent = PartitionContent | GptNode | TableNode;

// Lazy, because the types contain each other.
export const partitionContent: z.ZodType<PartitionContent, unknown> = z.lazy(() =>
  z.discriminatedUnion("type", [bcachefs, btrfs, filesystem, luks, lvmPv, mdraid, swap, zfs]),
);

export const deviceContent: z.ZodType<DeviceContent, unknown> = z.lazy(() =>
  z.discriminatedUnion("type", [bcachefs, btrfs, filesystem, gpt, luks, lvmPv, mdraid, swap, table, zfs]),
);

const gpt = gptNode(partitionContent);
const luks = luksNode(deviceContent);
const table = tableNode(partitionContent);
