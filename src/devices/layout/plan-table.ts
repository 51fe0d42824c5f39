import type { GptNode } from "../types/gpt/schema.ts";
import type { TableNode } from "../types/table/schema.ts";
import type { Identity } from "../../base/identity.ts";
import { planGpt } from "../types/gpt/layout.ts";
import { planParted } from "../types/table/layout.ts";
import type { TableHolder, TablePlan } from "./table-plan.ts";

/** Plans a partition table of either type. */
export function planTable(node: GptNode | TableNode, holder: TableHolder, identity: Identity): TablePlan {
  return node.type === "gpt" ? planGpt(node, holder, identity) : planParted(node, holder, identity);
}
