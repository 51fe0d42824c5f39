import * as z from "zod";
import type { DeviceContent } from "../../content.ts";
import { hooks } from "../../schema/hooks.ts";
import { type Named, namedSet } from "../../schema/keyed-set.ts";
import { extraArguments, optional, withDefault } from "../../schema/option.ts";

const mdadmOptions = z.strictObject({
  type: withDefault(z.literal("mdadm"), "mdadm", "The type of the node."),
  name: optional(z.string(), "The name of the array. `null`: its key."),
  level: withDefault(
    z.union([z.literal(0), z.literal(1), z.literal(4), z.literal(5), z.literal(6), z.literal(10)]),
    1,
    "The RAID level: 0, 1, 4, 5, 6 or 10.",
  ),
  metadata: withDefault(
    z.enum(["1", "1.0", "1.1", "1.2", "default", "ddf", "imsm"]),
    "default",
    "The format of the superblock; `1.0` stands at the end, so that firmware can read a member of a RAID 1.",
  ),
  uuid: optional(z.string(), "The UUID of the array. `null`: derived from the seed. Beyond disko."),
  extraArgs: extraArguments("mdadm --create"),
  ...hooks,
});

/** An md array. */
export interface MdadmNode extends Named<z.output<typeof mdadmOptions>> {
  content: DeviceContent | null;
}

/** The schema of md arrays that hold `content`. */
export function mdadmSet(content: z.ZodType<DeviceContent, unknown>) {
  const array = mdadmOptions
    .extend({ content: optional(content, "What is on the array.") })
    .meta({ title: "mdadm", description: "An md array (software RAID)." });
  return namedSet(array);
}
