import { partitionLabelPath, partitionPath } from "../../../layout/partition-path.ts";
import type { Located, LocatedPartition, NodePlace } from "../../tree/locate.ts";
import { orderedPartitions, partitionLabel } from "./order.ts";
import type { GptNode, GptPartitionNode } from "./schema.ts";

/** The partitions of a GPT in the order of their numbers. */
export function gptPartitions(gpt: Located<GptNode>): LocatedPartition<GptPartitionNode>[] {
  return orderedPartitions(gpt.node).map((partition, index) => {
    const { key, node } = partition;
    const number = index + 1;
    const label = partitionLabel(partition, gpt.name);
    const usual = usualDevice(node.uuid, label, gpt, number);
    const follows = node.device === null || node.device === usual || node.device === partitionLabelPath(label);
    const own = follows ? undefined : (node.device ?? undefined);
    return {
      node,
      key,
      number,
      path: `${gpt.path}.partitions.${key}`,
      device: own ?? partitionPath(gpt.device, number),
      installed: own ?? usual,
      name: `${gpt.name}-${key}`,
      ownName: node.name,
    };
  });
}

function usualDevice(uuid: string | null, label: string, gpt: NodePlace, number: number): string {
  if (uuid !== null) return `/dev/disk/by-partuuid/${uuid.toLowerCase()}`;
  return gpt.partitionAt?.(number) ?? partitionLabelPath(label);
}
