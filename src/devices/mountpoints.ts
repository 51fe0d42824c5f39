import type { DeviceTree } from "./device-tree.ts";

/** Every place where a filesystem of the tree's disks is mounted, in the order of the tree. */
export function mountpointsOf(tree: DeviceTree): string[] {
  return [...mountpointsIn(tree.disk)];
}

/** Nodes nest in many ways, and each one that is mounted says so by the same key. */
function* mountpointsIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  if ("mountpoint" in value && typeof value.mountpoint === "string") yield value.mountpoint;
  for (const inner of Object.values(value)) yield* mountpointsIn(inner);
}
