import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import { device, nodeType, required } from "../../schema/option.ts";

/** A member of an md array. */
export const mdraid = z
  .strictObject({
    type: nodeType("mdraid"),
    name: required(z.string().min(1), "The array that it belongs to: a key of `mdadm`."),
    device,
    ...hooks,
  })
  .meta({ title: "mdraid", description: "A member of an md array." });

export type MdraidNode = z.output<typeof mdraid>;
