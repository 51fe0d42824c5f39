import type { DeviceTree } from "../device-tree.ts";
import { contentTypeOf, unitTypeOf } from "../registry.ts";
import { contentsOf } from "../tree/contents.ts";
import { unitEntries } from "../tree/unit-entries.ts";

/** The kernel modules that making and mounting what is in a tree takes, sorted; built-in ones are fine. */
export function modulesOf(tree: DeviceTree): string[] {
  const modules = [
    ...contentsOf(tree).flatMap(({ node }) => contentTypeOf(node).modules?.(node) ?? []),
    ...unitEntries(tree).flatMap(({ kind, node }) => unitTypeOf(kind).modules?.(node) ?? []),
  ];
  return [...new Set(modules)].toSorted();
}
