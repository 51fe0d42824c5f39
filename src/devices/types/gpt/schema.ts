import * as z from "zod";
import type { PartitionContent } from "../../content.ts";
import { hooks } from "../../schema/hooks.ts";
import { type Named, namedSet } from "../../schema/keyed-set.ts";
import { device, nodeType, optional, withDefault } from "../../schema/option.ts";
import {
  guid,
  mbrTypeText,
  partitionSizeText,
  partitionTypeText,
  positionText,
  sizeText,
} from "../../schema/values.ts";

const hybridEntry = z
  .strictObject({
    mbrPartitionType: optional(
      mbrTypeText,
      "The type byte of the entry in the MBR, such as `0x0c`. `null`: what sgdisk derives.",
    ),
    mbrBootableFlag: withDefault(z.boolean(), false, "Set the active flag of the entry in the MBR."),
  })
  .meta({ title: "hybrid", description: "A partition's entry in a hybrid MBR." });

const attributeBit = z
  .int()
  .refine(
    (bit) => (bit >= 0 && bit <= 2) || (bit >= 48 && bit <= 63),
    "must be 0, 1, 2 or 48 to 63; the others are reserved",
  );

const partitionOptions = z.strictObject({
  type: optional(
    partitionTypeText,
    "A code of sgdisk (`8300`, `EF00`, `EF02`) or a GUID. `null`: `8200` for swap, else `8300`.",
  ),
  name: optional(z.string(), "The name of the partition. `null`: its key."),
  label: optional(
    z.string(),
    "The name in the table. `null`: `disk-DISK-NAME`. Over 36 characters: the first 36 of its SHA-256 in hexadecimal.",
  ),
  size: optional(
    partitionSizeText,
    "The size. `100%`: the rest, placed last. `50%`: of the disk. `null` or `0`: all that is free at its turn.",
  ),
  min: optional(sizeText, "The partition is never smaller than this. Beyond disko."),
  max: optional(sizeText, "The partition is never larger than this. Beyond disko."),
  start: withDefault(
    positionText,
    "0",
    "The first sector. `0`: the start of the largest free space. `34s`: exactly there.",
  ),
  end: optional(
    positionText,
    "The last sector, included; `-1G`: so far from the end. `null`: from the size. Wins over `size`.",
  ),
  alignment: withDefault(
    z.int().min(0),
    0,
    "The alignment of the start in sectors. `0`: 1 MiB, or none where start or end end in `s`.",
  ),
  priority: optional(
    z.int(),
    "The order of the partitions. `null`: 9001 for size `100%`, 100 for type `EF02`, else 1000.",
  ),
  uuid: optional(guid, "The GUID of the partition. `null`: derived from the seed."),
  attributes: withDefault(
    z.array(attributeBit),
    [],
    "Attribute bits to set: 0 required, 1 no EFI block IO, 2 legacy BIOS bootable, 48 to 63 by type.",
  ),
  hybrid: optional(hybridEntry, "Put the partition into a hybrid MBR too."),
  device,
  ...hooks,
});

/** One partition of a GPT. */
export interface GptPartitionNode extends Named<z.output<typeof partitionOptions>> {
  content: PartitionContent | null;
}

const gptOptions = z.strictObject({
  type: nodeType("gpt"),
  guid: optional(guid, "The GUID of the disk. `null`: derived from the seed. Beyond disko."),
  efiGptPartitionFirst: withDefault(
    z.boolean(),
    true,
    "In a hybrid MBR, the entry that protects the GPT is the first.",
  ),
  device,
  ...hooks,
});

/** A GUID partition table. */
export interface GptNode extends z.output<typeof gptOptions> {
  partitions: Record<string, GptPartitionNode>;
}

/** The schema of a GPT whose partitions hold `content`. */
export function gptNode(content: z.ZodType<PartitionContent, unknown>) {
  const partition = partitionOptions
    .extend({ content: optional(content, "What is in the partition.") })
    .meta({ title: "gpt partition", description: "A partition of a GPT." });
  return gptOptions
    .extend({ partitions: withDefault(namedSet(partition), {}, "The partitions by name.") })
    .meta({ title: "gpt", description: "A GUID partition table, laid out as sgdisk does." });
}
