import type { DeviceTree } from "../device-tree.ts";
import { contentTypeOf, unitTypeOf } from "../registry.ts";
import { contentsOf } from "./contents.ts";
import type { TreeMount } from "./mount.ts";
import { unitEntries } from "./unit-entries.ts";

/** Every place where something of a tree is mounted, in the order of the tree, each once. */
export function mountpointsOf(tree: DeviceTree): string[] {
  return [...new Set(mountsOf(tree).map(({ mountpoint }) => mountpoint))];
}

/** All that is mounted of a tree: filesystems at any depth, subvolumes, datasets, and what needs no disk. */
export function mountsOf(tree: DeviceTree): TreeMount[] {
  const units = unitEntries(tree).flatMap(({ kind, node, path }) => unitTypeOf(kind).mounts?.(node, path) ?? []);
  return [
    ...contentsOf(tree).flatMap(({ node, path }) => contentTypeOf(node).mounts?.(node, path) ?? []),
    ...units.filter(({ source }) => source === undefined),
    ...units.filter(({ source }) => source !== undefined),
  ];
}
