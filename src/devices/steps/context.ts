import type { PartitionLayout } from "../../layout/layout.ts";
import type { ClaimedDevice } from "../../steps/claim.ts";
import type { Located } from "../tree/locate.ts";
import type { Member } from "../tree/members.ts";
import type { Mode } from "../../steps/modes.ts";
import type { NodeSteps } from "../../steps/node-steps.ts";
import type { StepSetting } from "../../steps/setting.ts";

/** The context in which the steps of every node are planned. */
export interface StepContext {
  /** The mode of the steps: only formatting has to know every size. */
  readonly mode: Mode;
  readonly setting: StepSetting;
  readonly members: readonly Member[];
  /** The tree's devices by the names that the installed system has for them. */
  readonly deviceNames: ReadonlyMap<string, string>;
  /** The commands that link the partitions of a device, once the kernel has read its table. */
  readonly partitionLinks: (device: string) => readonly (readonly string[])[];
  /** The steps of a node on a block device: types contain each other in every way. */
  readonly stepsOf: (located: Located) => NodeSteps;
}

/** The solved partition at a place in the tree, when its disk was solved. */
export function solvedPartition({ setting }: StepContext, path: string): PartitionLayout | undefined {
  const tables = setting.layout?.disks.flatMap(({ table }) => (table === null ? [] : [table])) ?? [];
  return tables.flatMap((table): readonly PartitionLayout[] => table.partitions).find((one) => one.path === path);
}

/** A UUID for this purpose, where identifiers follow from a seed. */
export function seededUuid({ setting }: StepContext, purpose: string): string | undefined {
  return setting.identity?.uuid(purpose);
}

/** The devices of a group's members, in their order. */
export function memberDevices(context: StepContext, kind: Member["kind"], group: string): string[] {
  return claimedMembers(context, kind, group).map(({ device }) => device);
}

/** The devices of a group's members, in their order, for its claim. */
export function claimedMembers(context: StepContext, kind: Member["kind"], group: string): ClaimedDevice[] {
  return context.members
    .filter((member) => member.kind === kind && member.group === group)
    .map(({ located: { path, device } }) => ({ path, device }));
}
