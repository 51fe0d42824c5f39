import * as z from "zod";
import { type BcachefsNode, bcachefs } from "./bcachefs.ts";
import { type BtrfsNode, btrfs } from "./btrfs.ts";
import { type FilesystemNode, filesystem } from "./filesystem.ts";
import { type GptNode, gptNode } from "./gpt.ts";
import { type LuksNode, luksNode } from "./luks.ts";
import { type LvmPvNode, lvmPv } from "./lvm-pv.ts";
import { type MdraidNode, mdraid } from "./mdraid.ts";
import { type SwapNode, swap } from "./swap.ts";
import { type TableNode, tableNode } from "./table.ts";
import { type ZfsNode, zfs } from "./zfs.ts";

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
