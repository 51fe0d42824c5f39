import { partitionPath } from "../../../layout/partition-path.ts";
import type { Located, LocatedPartition } from "../../tree/locate.ts";
import { numberedPartitions } from "./order.ts";
import type { TableNode, TablePartitionNode } from "./schema.ts";

/** The partitions of a table in parted's terms. */
export function tablePartitions(table: Located<TableNode>): LocatedPartition<TablePartitionNode>[] {
  return numberedPartitions(table.node).map((partition, index) => ({
    ...partition,
    path: `${table.path}.partitions[${index}]`,
    device: partitionPath(table.device, partition.number),
    installed: partitionPath(table.installed, partition.number),
    name: `${table.name}-${partition.key}`,
    ownName: partition.key,
  }));
}
