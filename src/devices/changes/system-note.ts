import type { TreeDifference } from "./difference.ts";

/** The properties of a node that a system's table of mounts has. */
const mountProperties: readonly string[] = ["mount point", "mount options", "name", "label", "uuid", "content"];

/** Whether the system that lies on the disks has to be told of a change, since its mounts are others or named otherwise. */
export function changesSystem({ nodes }: Pick<TreeDifference, "nodes">): boolean {
  return nodes.some(
    ({ state, properties }) => state === "missing" || properties.some(({ name }) => mountProperties.includes(name)),
  );
}
