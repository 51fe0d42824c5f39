import type { DeviceContent } from "../content.ts";
import type { ContentAt } from "../content-type.ts";
import type { DeviceTree } from "../device-tree.ts";
import { contentTypeOf, unitTypeOf } from "../registry.ts";
import type { Located } from "./locate.ts";
import { type UnitEntry, unitEntries } from "./unit-entries.ts";
import type { Unit } from "./units.ts";

/** A node that fills a block device, and where it stands in the tree: `disk.main.content.partitions.root.content`. */
interface PlacedContent {
  readonly path: string;
  readonly node: DeviceContent;
}

/** Every node of a tree that fills a block device, at any depth, each before what it holds. */
export function contentsOf(tree: DeviceTree): PlacedContent[] {
  return unitEntries(tree).flatMap(contentsOfUnit);
}

/** Every node that fills a block device which a node of the top level provides, at any depth. */
export function contentsOfUnit({ kind, node, path }: UnitEntry): PlacedContent[] {
  return (unitTypeOf(kind).contents?.(node, path) ?? []).flatMap(withInner);
}

function withInner({ node, path }: ContentAt): PlacedContent[] {
  if (node === null) return [];
  return [{ node, path }, ...(contentTypeOf(node).contents?.(node, path) ?? []).flatMap(withInner)];
}

/** The same nodes at their devices. */
export function locatedContentsOf(units: readonly Unit[]): Located[] {
  return units.flatMap(({ contents }) => contents.flatMap(withInside));
}

/** A node with all that lies in it, each before what it holds. */
function withInside(located: Located): Located[] {
  return [located, ...(contentTypeOf(located.node).inside?.(located) ?? []).flatMap(withInside)];
}
