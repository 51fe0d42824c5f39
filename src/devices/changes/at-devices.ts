import type { DeviceTree } from "../device-tree.ts";
import { contentTypeOf } from "../registry.ts";

/** The tree with each partition at its device, where its number is not that of its order. */
export function atDevices(tree: DeviceTree, devices: ReadonlyMap<string, string>): DeviceTree {
  const disk = Object.entries(tree.disk).map(([key, node]) => {
    const { content } = node;
    const table = content === null ? undefined : contentTypeOf(content).changes?.table;
    if (content === null || table === undefined) return [key, node] as const;
    const path = `disk.${key}.content`;
    const own = table.partitions(content, { path, name: "" }).flatMap((partition) => {
      const device = devices.get(partition.path);
      return device === undefined ? [] : [{ partition, device }];
    });
    const moved = own.filter(({ partition, device }) => numberIn(device) !== partition.number);
    const named = new Map(moved.map(({ partition, device }) => [partition.key, device]));
    return [key, { ...node, content: table.withDevices(content, named) }] as const;
  });
  return { ...tree, disk: Object.fromEntries(disk) };
}

function numberIn(device: string): number {
  return Number(/\d+$/.exec(device)?.[0]);
}
