import type { TableNode, TablePartitionNode } from "./schema.ts";

/** A partition of the tree with its number, and what errors call it: its name, else its number. */
export interface NumberedPartition {
  readonly node: TablePartitionNode;
  readonly key: string;
  readonly number: number;
}

/** The partitions in the order of the tree. In an msdos table the logical ones count from 5 on. */
export function numberedPartitions(table: TableNode): NumberedPartition[] {
  let primary = 0;
  let logical = 4;
  return table.partitions.map((node) => {
    const isLogical = table.format === "msdos" && node["part-type"] === "logical";
    const number = isLogical ? (logical += 1) : (primary += 1);
    return { node, key: node.name || String(number), number };
  });
}
