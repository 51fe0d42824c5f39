import { withHooks } from "../../steps/hooks.ts";
import { inOrder, type NodeSteps } from "../../steps/node-steps.ts";
import type { PartitionContent } from "../content.ts";
import { contentOf, type LocatedPartition } from "../tree/locate.ts";
import type { StepContext } from "./context.ts";

/** A partition of any table: hooks, and what it holds. */
interface PartitionNode extends HookedNode {
  readonly content: PartitionContent | null;
}

type HookedNode = Parameters<typeof withHooks>[0];

/** The steps of what partitions hold, each between the hooks of its partition. */
export function partitionSteps(
  partitions: readonly LocatedPartition<PartitionNode>[],
  context: StepContext,
): NodeSteps[] {
  const { root } = context.setting;
  return partitions.map((partition) => {
    const { node, path, device, ownName } = partition;
    return withHooks(node, { path, device, key: ownName, root }, inOrder(contentOf(partition).map(context.stepsOf)));
  });
}
