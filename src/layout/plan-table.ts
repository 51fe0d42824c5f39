import type { GptNode } from "../devices/gpt.ts";
import type { TableNode } from "../devices/table.ts";
import type { Identity } from "../base/identity.ts";
import { planGpt } from "./plan-gpt.ts";
import { planParted } from "./plan-parted.ts";
import type { TableHolder, TablePlan } from "./table-plan.ts";

/** Plans a partition table of either type. */
export function planTable(node: GptNode | TableNode, holder: TableHolder, identity: Identity): TablePlan {
  return node.type === "gpt" ? planGpt(node, holder, identity) : planParted(node, holder, identity);
}
