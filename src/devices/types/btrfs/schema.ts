import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import { keyedSet, namedSet } from "../../schema/keyed-set.ts";
import {
  device,
  extraArguments,
  mountOptions,
  mountpoint,
  nodeType,
  optional,
  required,
  withDefault,
} from "../../schema/option.ts";
import { guid, sizeText } from "../../schema/values.ts";

const swapFile = z
  .strictObject({
    size: required(sizeText, "The size of the file, such as `2G`."),
    path: optional(z.string(), "The path of the file inside the subvolume. `null`: its key."),
    priority: optional(z.int(), "The priority of the swap space."),
    options: withDefault(z.array(z.string()), ["defaults"], "Options of the swap space, as in fstab."),
  })
  .meta({ title: "btrfs swap file", description: "A swap file on btrfs." });

const swap = withDefault(
  keyedSet(swapFile, (key, file) => ({ ...file, path: file.path ?? key })),
  {},
  "Swap files by name.",
);

const subvolume = z
  .strictObject({
    type: withDefault(z.literal("btrfs_subvol"), "btrfs_subvol", "The type of the node."),
    name: optional(z.string(), "The path of the subvolume. `null`: its key."),
    mountpoint,
    mountOptions,
    swap,
    extraArgs: extraArguments("btrfs subvolume create"),
    ...hooks,
  })
  .meta({ title: "btrfs subvolume", description: "A subvolume of btrfs." });

/** A btrfs filesystem with subvolumes. */
export const btrfs = z
  .strictObject({
    type: nodeType("btrfs"),
    label: optional(z.string(), "The filesystem's label. Beyond disko."),
    uuid: optional(guid, "The filesystem's UUID. `null`: derived from the seed. Beyond disko."),
    mountpoint,
    mountOptions,
    subvolumes: withDefault(namedSet(subvolume), {}, "The subvolumes by name."),
    swap,
    extraArgs: extraArguments("mkfs.btrfs"),
    device,
    ...hooks,
  })
  .meta({ title: "btrfs", description: "A btrfs filesystem with subvolumes." });

export type BtrfsNode = z.output<typeof btrfs>;
