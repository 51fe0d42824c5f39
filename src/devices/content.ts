import { z } from "zod";
import { type FilesystemNode, filesystem } from "./filesystem.ts";
import { type GptNode, gptNode } from "./gpt.ts";
import { type SwapNode, swap } from "./swap.ts";
import { type TableNode, tableNode } from "./table.ts";

/** What a partition, a logical volume or a ZFS volume can hold. */
export type PartitionContent = FilesystemNode | SwapNode;

/** What a disk, a LUKS container or an md array can hold. */
export type DeviceContent = PartitionContent | GptNode | TableNode;

// Lazy, because the types contain each other.
export const partitionContent: z.ZodType<PartitionContent, unknown> = z.lazy(() =>
  z.discriminatedUnion("type", [filesystem, swap]),
);

export const deviceContent: z.ZodType<DeviceContent, unknown> = z.lazy(() =>
  z.discriminatedUnion("type", [filesystem, gpt, swap, table]),
);

const gpt = gptNode(partitionContent);
const table = tableNode(partitionContent);
