import type { GptNode, GptPartitionNode } from "./schema.ts";
import { MkimageError } from "../../../base/errors.ts";
import { gptEntryCount, usualGptEntries } from "../../../layout/gpt-entries.ts";
import { partitionLabel, partitionType } from "./order.ts";
import { type Claim, claimOn, type ClaimedDevice } from "../../../steps/claim.ts";
import { type StepContext, seededUuid, solvedPartition } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Located, LocatedPartition } from "../../tree/locate.ts";
import { gptPartitions } from "./partitions.ts";
import { partitionSteps } from "../../steps/partition-steps.ts";
import { makingSteps } from "../../steps/making.ts";
import { claimByNames, compareNames } from "../../steps/named-partitions.ts";
import { inOrder, type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { readNewTable, readTableAgain } from "../../steps/read-table.ts";
import { type CommandStep, type Guard, step } from "../../../steps/step.ts";
import { hybridSteps } from "./hybrid.ts";

type Partition = LocatedPartition<GptPartitionNode>;

/** A GUID partition table by sgdisk: partitions that are there stay as they are. */
export function gptSteps(located: Located<GptNode>, context: StepContext): NodeSteps {
  const { node, path, device, key } = located;
  const { root } = context.setting;
  const partitions = gptPartitions(located);
  const named = partitions.map((one) => ({ ...one, label: partitionLabel(one, located.name) }));
  const claim = claimByNames(claimOn(located, "a GUID partition table", "gpt table"), named);
  const own: NodeSteps = {
    ...noSteps,
    claims: [claim],
    create:
      context.mode !== "format"
        ? []
        : makingSteps(claim, context, [
            tableStep(located, claim, context),
            ...partitions.map((partition) => partitionStep(partition, located, context)),
            ...hybridSteps(partitions, located),
            readNewTable(located, partitions, context),
          ]),
    open: [...compareNames(located, named, context), ...showPartitions(located, partitions, context)],
  };
  return withHooks(node, { path, device, key, root }, inOrder([own, ...partitionSteps(partitions, context)]));
}

/** Loop devices and the like may have partitions that the kernel has not looked for. */
export function showPartitions(
  { path, device }: ClaimedDevice,
  partitions: readonly { device: string }[],
  context: StepContext,
): CommandStep[] {
  const last = partitions.at(-1);
  if (last === undefined) return [];
  const isThere: Guard = { kind: "succeeds", argv: ["test", "-e", device] };
  return [readTableAgain({ path, device }, context, [isThere, { kind: "fails", argv: ["test", "-e", last.device] }])];
}

/** Holds where a table has no partition of this number; asks the device, since the kernel may not have looked. */
export function lacksPartition(device: string, number: number): Guard {
  return {
    kind: "prints nothing",
    argv: ["partx", "--show", "--noheadings", "--output", "NR", "--nr", `${number}`, device],
  };
}

function tableStep({ node, path, device }: Located<GptNode>, claim: Claim, context: StepContext): CommandStep {
  const guid = node.guid ?? seededUuid(context, `${path} guid`);
  const named = guid === undefined ? [] : [`--disk-guid=${guid.toUpperCase()}`];
  const title = `write a GUID partition table to ${device}`;
  const entries = gptEntryCount(Object.keys(node.partitions).length);
  const resized = entries === usualGptEntries ? [] : [`--resize-table=${entries}`];
  const argv = ["sgdisk", "--clear", ...resized, ...named, device];
  return step(path, title, [{ kind: "is unmade", claim }], argv);
}

function partitionStep(partition: Partition, { name, device }: Located<GptNode>, context: StepContext): CommandStep {
  const { node, key, number, path } = partition;
  const uuid = node.uuid ?? seededUuid(context, `${path} guid`);
  const attributes = [...new Set(node.attributes)].toSorted((a, b) => a - b);
  return step(
    path,
    `make partition ${number} (${key}) of ${device}`,
    [lacksPartition(device, number)],
    [
      "sgdisk",
      ...extentArguments(partition, context),
      `--partition-guid=${number}:${uuid?.toUpperCase() ?? "R"}`,
      `--change-name=${number}:${partitionLabel({ key, node }, name)}`,
      `--typecode=${number}:${partitionType({ key, node })}`,
      ...attributes.map((bit) => `--attributes=${number}:set:${bit}`),
      device,
    ],
  );
}

/** Exact sectors where they are solved; otherwise sgdisk finds the place, by the rules that the solver follows too. */
function extentArguments(partition: Partition, context: StepContext): string[] {
  const { node, number } = partition;
  const solved = solvedPartition(context, partition.path);
  if (solved !== undefined) return ["--set-alignment=1", `--new=${number}:${solved.first}:${solved.last}`];
  const isExact = node.start.endsWith("s") || node.end?.endsWith("s") === true;
  const alignment = node.alignment === 0 && isExact ? 1 : node.alignment;
  return [
    ...(alignment === 0 ? [] : [`--set-alignment=${alignment}`]),
    "--align-end",
    `--new=${number}:${sgdiskPosition(node.start)}:${endOf(partition)}`,
  ];
}

function endOf({ node, path }: Partition): string {
  if (node.end !== null) return sgdiskPosition(node.end);
  if (node.size === null || node.size === "0" || node.size === "100%") return "-0";
  if (!node.size.endsWith("%") && node.min === null && node.max === null) return `+${sgdiskPosition(node.size)}`;
  throw new MkimageError("BAD_REQUEST", `${path}: a size of ${node.size} needs to know the size of the disk`, {
    hint: "give a size such as 10G, or make the disk's size known",
  });
}

/** sgdisk knows `10G`, but not `10GiB`. */
function sgdiskPosition(text: string): string {
  return text.replace(/([KMGTP])i?B$/i, "$1");
}
