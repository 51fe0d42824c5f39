import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import { type Named, namedSet } from "../../schema/keyed-set.ts";
import { extraArguments, mountOptions, mountpoint, optional, withDefault } from "../../schema/option.ts";
import { guid } from "../../schema/values.ts";

const subvolume = z
  .strictObject({
    type: withDefault(z.literal("bcachefs_subvolume"), "bcachefs_subvolume", "The type of the node."),
    name: optional(z.string(), "The path of the subvolume. `null`: its key."),
    mountpoint,
    mountOptions,
    ...hooks,
  })
  .meta({ title: "bcachefs subvolume", description: "A subvolume of bcachefs." });

const filesystem = z
  .strictObject({
    type: withDefault(z.literal("bcachefs_filesystem"), "bcachefs_filesystem", "The type of the node."),
    name: optional(z.string(), "The name of the filesystem. `null`: its key."),
    uuid: optional(guid, "The UUID of the filesystem. `null`: the first 32 digits of the SHA-256 of its name."),
    passwordFile: optional(
      z.string().startsWith("/", "must be an absolute path"),
      "Encrypt it with the password in this file.",
    ),
    mountpoint,
    mountOptions,
    subvolumes: withDefault(namedSet(subvolume), {}, "The subvolumes by name."),
    extraFormatArgs: extraArguments("bcachefs format"),
    ...hooks,
  })
  .meta({ title: "bcachefs_filesystem", description: "A bcachefs filesystem on one or more members." });

/** A bcachefs filesystem on one or more members. */
export type BcachefsFilesystemNode = Named<z.output<typeof filesystem>>;

/** The schema of bcachefs filesystems. */
export const bcachefsFilesystems = namedSet(filesystem);
