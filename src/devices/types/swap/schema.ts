import * as z from "zod";
import { hooks } from "../../schema/hooks.ts";
import { device, extraArguments, mountOptions, nodeType, optional, withDefault } from "../../schema/option.ts";
import { guid } from "../../schema/values.ts";

/** Swap space. */
export const swap = z
  .strictObject({
    type: nodeType("swap"),
    discardPolicy: optional(
      z.enum(["once", "pages", "both"]),
      "Which discards are sent: once at swapon, for freed pages, or both. `null`: none.",
    ),
    priority: optional(z.int(), "The priority of the swap space, -1 to 32767; larger is used first."),
    randomEncryption: withDefault(z.boolean(), false, "Encrypt it with a new random key at each boot."),
    resumeDevice: withDefault(z.boolean(), false, "Resume from hibernation from this device."),
    label: optional(z.string(), "The label of the swap space. Beyond disko."),
    uuid: optional(guid, "The UUID of the swap space. `null`: derived from the seed. Beyond disko."),
    mountOptions,
    extraArgs: extraArguments("mkswap"),
    device,
    ...hooks,
  })
  .meta({ title: "swap", description: "Swap space." });

export type SwapNode = z.output<typeof swap>;
