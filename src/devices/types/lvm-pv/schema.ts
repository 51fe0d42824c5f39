import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import { device, nodeType, required } from "../../schema/option.ts";

/** A physical volume. */
export const lvmPv = z
  .strictObject({
    type: nodeType("lvm_pv"),
    vg: required(z.string().min(1), "The volume group that it belongs to: a key of `lvm_vg`."),
    device,
    ...hooks,
  })
  .meta({ title: "lvm_pv", description: "A physical volume of LVM." });

export type LvmPvNode = z.output<typeof lvmPv>;
