import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import { device, extraArguments, mountOptions, mountpoint, nodeType, optional, required } from "../../schema/option.ts";

/** A filesystem on a disk, a partition, or whatever else is a block device. */
export const filesystem = z
  .strictObject({
    type: nodeType("filesystem"),
    format: required(
      z.string().min(1),
      "The filesystem, as `mkfs` and `mount` name it: `ext4`, `vfat`, `xfs`, `btrfs`, `f2fs`.",
    ),
    label: optional(z.string(), "The filesystem's label. Beyond disko."),
    uuid: optional(
      z.string(),
      "The filesystem's UUID (FAT: `ABCD-1234`); exFAT and NTFS take none. `null`: derived from the seed. Beyond disko.",
    ),
    mountpoint,
    mountOptions,
    extraArgs: extraArguments("mkfs"),
    device,
    ...hooks,
  })
  .meta({ title: "filesystem", description: "A filesystem." });

export type FilesystemNode = z.output<typeof filesystem>;
