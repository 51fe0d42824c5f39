import type { ContentChanges } from "../../changes/type-changes.ts";
import type { TablePartition } from "../../changes/table-changes.ts";
import { type KeyedPartition, orderedPartitions, partitionLabel, partitionType } from "./order.ts";
import { placeBeside } from "./place-beside.ts";
import type { GptNode } from "./schema.ts";

/** A GUID partition table is changed in place; a table of the other type with the same scheme is one too. */
export const gptChanges: ContentChanges<GptNode> = {
  isSame: (_, found) => found.type === "gpt" || (found.type === "table" && found.format === "gpt"),
  table: { scheme: () => "gpt", partitions: partitionsOf, place: placeBeside, withDevices },
};

function partitionsOf(node: GptNode, { path, name }: { path: string; name: string }): TablePartition[] {
  return orderedPartitions(node).map((partition, index) => ({
    key: partition.key,
    path: `${path}.partitions.${partition.key}`,
    number: index + 1,
    isNumbered: false,
    label: partitionLabel(partition, name),
    usualLabel: partitionLabel({ ...partition, node: { ...partition.node, label: null } }, name),
    uuid: partition.node.uuid,
    type: partitionType(partition),
    isTypeOpen: partition.node.type === null,
    attributes: partition.node.attributes,
    active: false,
    role: "primary",
    content: partition.node.content,
  }));
}

/** A partition whose number is not that of its order is named by its device. */
function withDevices(node: GptNode, devices: ReadonlyMap<string, string>): GptNode {
  const entries = Object.entries(node.partitions).map(([key, partition]) => {
    const device = devices.get(key);
    return [key, device === undefined ? partition : at(partition, device)] as const;
  });
  return { ...node, partitions: Object.fromEntries(entries) };
}

/** Drops the old name of the partition's device, which an evaluated tree repeats in its content. */
function at(partition: KeyedPartition["node"], device: string): KeyedPartition["node"] {
  const { content } = partition;
  const follows = content !== null && content.device !== null && content.device === partition.device;
  return { ...partition, device, content: follows ? { ...content, device: null } : content };
}
