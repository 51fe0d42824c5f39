import { contentsOf } from "../../devices/tree/contents.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import { isPlannable, plannableFormats } from "../../filesystems/lay-out.ts";
import type { Fault } from "../../base/schema/faults.ts";

/** What of a device tree cannot become an image here, a line each: filesystems whose size nobody has measured. */
export function unbuildable(tree: DeviceTree): Fault[] {
  return contentsOf(tree).flatMap(({ node, path }) => {
    if (node.type !== "filesystem" || isPlannable(node.format)) return [];
    return [`${path}: images are made with ${plannableFormats.join(", ")}, and not with ${node.format}`];
  });
}
