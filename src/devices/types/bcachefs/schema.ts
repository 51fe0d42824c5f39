import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import { device, extraArguments, nodeType, required, withDefault } from "../../schema/option.ts";

/** A member of a bcachefs filesystem. */
export const bcachefs = z
  .strictObject({
    type: nodeType("bcachefs"),
    filesystem: required(z.string().min(1), "The filesystem that it belongs to: a key of `bcachefs_filesystems`."),
    label: withDefault(z.string(), "", "The label of this member."),
    extraFormatArgs: extraArguments("bcachefs format"),
    device,
    ...hooks,
  })
  .meta({ title: "bcachefs", description: "A member of a bcachefs filesystem." });

export type BcachefsNode = z.output<typeof bcachefs>;
