import type { DeviceTree } from "../../devices/device-tree.ts";

/** Whether the user has shell lines that are to run when something of a tree is made. */
export function hasCreateHooks(tree: DeviceTree): boolean {
  return hasHook(tree);
}

/** Every node carries them under the same keys, and so does what a node is made of: partitions, volumes, subvolumes. */
function hasHook(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => {
    const isHook = key === "preCreateHook" || key === "postCreateHook";
    return isHook ? String(inner).trim() !== "" : hasHook(inner);
  });
}
