import type { PartitionContent } from "../content.ts";
import { partitionPath } from "../../layout/partition-path.ts";
import type { Claim, ClaimedDevice } from "../../steps/claim.ts";
import type { StepContext } from "./context.ts";
import type { LocatedPartition } from "../tree/locate.ts";
import { type CommandStep, type Guard, step } from "../../steps/step.ts";

/** A partition, and the name that the tree gives it in the table. */
export interface NamedPartition extends LocatedPartition<{ readonly content: PartitionContent | null }> {
  readonly label: string;
}

/** The names of its partitions say that a table is the tree's: a node that comes or goes moves the numbers of others. */
export function claimByNames(claim: Claim, partitions: readonly NamedPartition[]): Claim {
  if (partitions.length === 0) return claim;
  const argv = ["table_of", ...numberedNames(partitions)];
  return { ...claim, own: { ...claim.own, owner: { argv, name: "the tree" } } };
}

/** Ends a mount whose numbers would take another node's partitions. A group's members are known by what is on them. */
export function compareNames(
  { path, device }: ClaimedDevice,
  partitions: readonly NamedPartition[],
  { setting, members }: StepContext,
): CommandStep[] {
  const isMember = ({ path: partition }: NamedPartition) => members.some((one) => one.path === `${partition}.content`);
  const named = partitions.filter((partition) => {
    const isOfTable = partition.device === partitionPath(device, partition.number);
    return partition.node.content !== null && isOfTable && !isMember(partition);
  });
  if (named.length === 0 || setting.blank === true) return [];
  const isThere: Guard = { kind: "succeeds", argv: ["test", "-e", device] };
  const argv = ["require_names", ...numberedNames(named), device];
  return [step(path, `compare the partitions of ${device} with the tree's by their names`, [isThere], argv)];
}

function numberedNames(partitions: readonly NamedPartition[]): string[] {
  return partitions.flatMap(({ number, label }) => [`${number}`, label]);
}
