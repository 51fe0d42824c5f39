import type { DeviceTree } from "../device-tree.ts";
import { contentTypeOf } from "../registry.ts";
import { locatedContentsOf } from "./contents.ts";
import type { Unit } from "./units.ts";

/**
 * The devices of a tree by what the installed system calls them, with what they are called on the machine that runs the
 * steps: arguments of mkfs may name a device that stands elsewhere in the tree.
 */
export function deviceNames(tree: DeviceTree, units: readonly Unit[]): ReadonlyMap<string, string> {
  const disks = units.flatMap(({ kind, key, device }) => {
    const installed = kind === "disk" ? (tree.disk[key]?.device ?? null) : null;
    return installed === null || device === null ? [] : [[installed, device] as const];
  });
  return new Map([
    ...disks,
    ...locatedContentsOf(units).flatMap((located) => contentTypeOf(located.node).deviceNames?.(located) ?? []),
  ]);
}
