import type { ContentType } from "../../content-type.ts";
import { contentOf } from "../../tree/locate.ts";
import { partitionId } from "../../tree/taken.ts";
import { tableReading } from "./found.ts";
import { tableChanges } from "./changes.ts";
import { planParted } from "./layout.ts";
import { numberedPartitions } from "./order.ts";
import { tablePartitions } from "./partitions.ts";
import { type TableNode, tableNode } from "./schema.ts";
import { tableFunctions } from "../../steps/table-functions.ts";
import { tableSteps } from "./steps.ts";
import { partedGptType } from "./types.ts";

/** A partition table, GPT or msdos, laid out as parted does. */
export const tableType: ContentType<TableNode> = {
  schema: ({ partition }) => tableNode(partition),
  layout: { kind: "table", plan: planParted, typed },
  steps: tableSteps,
  shell: { functions: tableFunctions },
  contents: ({ partitions }, path) =>
    partitions.map(({ content }, index) => ({ path: `${path}.partitions[${index}].content`, node: content })),
  inside: (table) => tablePartitions(table).flatMap(contentOf),
  changes: tableChanges,
  takes: ({ guid }, path) => partitionId(guid, path),
  deviceNames: (table) => tablePartitions(table).map(({ installed, device }) => [installed, device] as const),
  found: tableReading,
};

function typed(table: TableNode) {
  if (table.format !== "gpt") return [];
  return numberedPartitions(table).map(({ node, key }) => ({
    type: partedGptType(node, key).type,
    content: node.content,
  }));
}
