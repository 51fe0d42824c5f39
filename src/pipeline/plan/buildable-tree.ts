import { contentsOf } from "../../devices/tree/contents.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import { contentTypeOf } from "../../devices/registry.ts";
import { isPlannable, plannableFormats } from "../../filesystems/lay-out.ts";
import type { Fault } from "../../base/schema/faults.ts";

/** Lists the parts of a device tree that cannot become an image: filesystems without a planned size, and what takes a machine. */
export function unbuildable(tree: DeviceTree): Fault[] {
  return contentsOf(tree).flatMap(({ node, path }) => {
    const { machineOnly, format: formatOf } = contentTypeOf(node);
    const reason = machineOnly?.(node);
    if (reason !== undefined) return [`${path}: ${reason}`];
    const format = formatOf?.(node);
    if (format === undefined || isPlannable(format)) return [];
    return [`${path}: images are made with ${plannableFormats.join(", ")}, and not with ${format}`];
  });
}
