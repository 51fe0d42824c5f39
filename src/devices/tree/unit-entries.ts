import type { DeviceTree } from "../device-tree.ts";
import { unitKinds } from "../registry.ts";

/** A node of the top level, as it stands in the tree. */
export interface UnitEntry {
  readonly kind: keyof DeviceTree;
  readonly key: string;
  /** The name by which members speak of it. */
  readonly name: string;
  /** `disk.main` */
  readonly path: string;
  readonly node: DeviceTree[keyof DeviceTree][string];
}

/** The nodes of the top level: kinds alphabetically, each in the order of the tree. */
export function unitEntries(tree: DeviceTree): UnitEntry[] {
  return unitKinds.toSorted().flatMap((kind) =>
    Object.entries(tree[kind]).map(([key, node]) => {
      return { kind, key, name: node.name, path: `${kind}.${key}`, node };
    }),
  );
}
