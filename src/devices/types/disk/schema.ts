import * as z from "zod";
import type { DeviceContent } from "../../content.ts";
import { hooks } from "../../schema/hooks.ts";
import { keyedSet, type Named } from "../../schema/keyed-set.ts";
import { optional, withDefault } from "../../schema/option.ts";
import { sizeText } from "../../schema/values.ts";

const diskOptions = z.strictObject({
  type: withDefault(z.literal("disk"), "disk", "The type of the node."),
  name: optional(z.string(), "The name of the disk. `null`: its key, with `_` for each `/`."),
  device: optional(z.string(), "The path of the disk in the installed system, best one under `/dev/disk/by-id`."),
  destroy: withDefault(z.boolean(), true, "Whether destroying the tree may wipe this disk."),
  imageName: optional(
    z.string().regex(/^[^/\p{Cc}"]+$/u, "must be a file name without quotes and control characters"),
    "The name of the image file, without its ending. `null`: the name of the disk.",
  ),
  imageSize: withDefault(
    z.union([z.literal("auto"), sizeText]),
    "auto",
    "The size of the image; `auto`: what the contents need.",
  ),
  sectorSize: withDefault(
    z.union([z.literal(512), z.literal(4096)]),
    512,
    "The size of a sector in bytes: 512 or 4096. Beyond disko.",
  ),
  ...hooks,
});

/** A disk: a real one, or an image. */
export interface DiskNode extends Named<z.output<typeof diskOptions>> {
  imageName: string;
  content: DeviceContent | null;
}

/** The schema of disks that hold `content`. */
export function diskSet(content: z.ZodType<DeviceContent, unknown>) {
  const disk = diskOptions
    .extend({ content: optional(content, "What is on the disk.") })
    .meta({ title: "disk", description: "A disk." });
  return keyedSet(disk, (key, node): DiskNode => {
    const name = node.name ?? key.replaceAll("/", "_");
    return { ...node, name, imageName: node.imageName ?? name };
  });
}
