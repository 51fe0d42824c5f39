import type { DeviceContent } from "../content.ts";
import type { DeviceTree } from "../device-tree.ts";

/** A node that fills a block device, and where it stands in the tree: `disk.main.content.partitions.root.content`. */
export interface PlacedContent {
  readonly path: string;
  readonly node: DeviceContent;
}

/** Every node of a tree that fills a block device, at any depth, each before what it holds: in the order of the tree. */
export function contentsOf(tree: DeviceTree): PlacedContent[] {
  return [
    ...Object.entries(tree.disk).flatMap(([key, { content }]) => withInner(content, `disk.${key}.content`)),
    ...Object.entries(tree.lvm_vg).flatMap(([key, { lvs }]) => inSet(lvs, `lvm_vg.${key}.lvs`)),
    ...Object.entries(tree.mdadm).flatMap(([key, { content }]) => withInner(content, `mdadm.${key}.content`)),
    ...Object.entries(tree.zpool).flatMap(([key, { datasets }]) => inSet(datasets, `zpool.${key}.datasets`)),
  ];
}

function withInner(node: DeviceContent | null, path: string): PlacedContent[] {
  return node === null ? [] : [{ path, node }, ...inside(node, path)];
}

function inside(node: DeviceContent, path: string): PlacedContent[] {
  switch (node.type) {
    case "gpt":
      return inSet(node.partitions, `${path}.partitions`);
    case "table":
      return node.partitions.flatMap(({ content }, index) =>
        withInner(content, `${path}.partitions[${index}].content`),
      );
    case "luks":
      return withInner(node.content, `${path}.content`);
    default:
      return [];
  }
}

/** What is in partitions, volumes or datasets, of which not all can hold something. */
function inSet(set: Readonly<Record<string, object | Holder>>, path: string): PlacedContent[] {
  return Object.entries(set).flatMap(([key, node]) =>
    "content" in node ? withInner(node.content, `${path}.${key}.content`) : [],
  );
}

interface Holder {
  readonly content: DeviceContent | null;
}
