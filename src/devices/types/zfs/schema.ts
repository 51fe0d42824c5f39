import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import { device, nodeType, required } from "../../schema/option.ts";

/** A member of a ZFS pool. */
export const zfs = z
  .strictObject({
    type: nodeType("zfs"),
    pool: required(z.string().min(1), "The pool that it belongs to: a key of `zpool`."),
    device,
    ...hooks,
  })
  .meta({ title: "zfs", description: "A member of a ZFS pool." });

export type ZfsNode = z.output<typeof zfs>;
