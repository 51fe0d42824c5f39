import * as z from "zod";
import type { PartitionContent } from "../../content.ts";
import { hooks } from "../../schema/hooks.ts";
import { device, nodeType, optional, withDefault } from "../../schema/option.ts";
import { guid, partedPositionText } from "../../schema/values.ts";

const filesystemTypes = [
  "btrfs",
  "ext2",
  "ext3",
  "ext4",
  "fat16",
  "fat32",
  "hfs",
  "hfs+",
  "linux-swap",
  "ntfs",
  "reiserfs",
  "udf",
  "xfs",
] as const;

const partitionOptions = z.strictObject({
  "part-type": withDefault(
    z.enum(["primary", "logical", "extended"]),
    "primary",
    "The kind of partition; only msdos knows more than primary.",
  ),
  "fs-type": optional(
    z.enum(filesystemTypes),
    "The filesystem that parted is told, from which the type of the partition follows.",
  ),
  name: optional(z.string(), "The name of the partition, in a GPT also its label."),
  start: withDefault(
    partedPositionText,
    "0%",
    "The start, as parted reads it: exact in `s` and `MiB`, aligned in `%` and `MB` (`M` is `MB`).",
  ),
  end: withDefault(
    partedPositionText,
    "100%",
    "The end, as parted reads it. In `MiB` the first sector that is outside.",
  ),
  flags: withDefault(
    z.array(z.string()),
    [],
    "Flags of parted: `boot`, `esp`, `bios_grub`, `lvm`, `raid`, `swap` and so on.",
  ),
  bootable: withDefault(z.boolean(), false, "Set the flag `boot`."),
  ...hooks,
});

/** One partition of a table in parted's terms. */
export interface TablePartitionNode extends z.output<typeof partitionOptions> {
  content: PartitionContent | null;
}

const tableOptions = z.strictObject({
  type: nodeType("table"),
  format: withDefault(z.enum(["gpt", "msdos"]), "gpt", "The kind of table."),
  guid: optional(guid, "gpt: the GUID of the disk. `null`: derived from the seed. Beyond disko."),
  signature: optional(
    z.string().regex(/^0[xX][0-9A-Fa-f]{1,8}$/, "must be 32 bits in hexadecimal, such as 0x1a2b3c4d"),
    "msdos: the signature of the disk. `null`: derived from the seed. Beyond disko.",
  ),
  device,
  ...hooks,
});

/** A partition table in parted's terms. */
export interface TableNode extends z.output<typeof tableOptions> {
  partitions: TablePartitionNode[];
}

/** The schema of a table whose partitions hold `content`. */
export function tableNode(content: z.ZodType<PartitionContent, unknown>) {
  const partition = partitionOptions
    .extend({ content: optional(content, "What is in the partition.") })
    .meta({ title: "table partition", description: "A partition in parted's terms." });
  return tableOptions
    .extend({ partitions: withDefault(z.array(partition), [], "The partitions in the order of the table.") })
    .meta({ title: "table", description: "A partition table, GPT or msdos, laid out as parted does." });
}
