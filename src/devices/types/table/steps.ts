import type { TableNode, TablePartitionNode } from "./schema.ts";
import { type Claim, claimOn } from "../../../steps/claim.ts";
import { type StepContext, seededUuid, solvedPartition } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Located, LocatedPartition } from "../../tree/locate.ts";
import { tablePartitions } from "./partitions.ts";
import { partitionSteps } from "../../steps/partition-steps.ts";
import { makingSteps } from "../../steps/making.ts";
import { claimByNames, compareNames, type NamedPartition } from "../../steps/named-partitions.ts";
import { inOrder, type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { readNewTable } from "../../steps/read-table.ts";
import { type CommandStep, step } from "../../../steps/step.ts";
import { lacksPartition, showPartitions } from "../gpt/steps.ts";

type Partition = LocatedPartition<TablePartitionNode>;

/** A partition table, GPT or msdos, by parted: partitions that are there stay as they are. */
export function tableSteps(located: Located<TableNode>, context: StepContext): NodeSteps {
  const { node, path, device, key } = located;
  const { root } = context.setting;
  const partitions = tablePartitions(located);
  const named = node.format === "gpt" ? partitions.flatMap(withName) : [];
  const type = `${node.format === "gpt" ? "gpt" : "dos"} table`;
  const claim = claimByNames(claimOn(located, `a partition table (${node.format})`, type), named);
  const own: NodeSteps = {
    ...noSteps,
    claims: [claim],
    create: makingSteps(claim, context, [
      labelStep(located, claim, context),
      ...partitions.map((partition) => partitionStep(partition, located, context)),
      readNewTable(
        located,
        partitions.filter((one) => one.node["part-type"] !== "extended"),
        context,
      ),
    ]),
    open: [...compareNames(located, named, context), ...showPartitions(located, partitions, context)],
  };
  return withHooks(node, { path, device, key, root }, inOrder([own, ...partitionSteps(partitions, context)]));
}

/** A partition that the tree names: parted gives the others none. */
function withName(partition: Partition): NamedPartition[] {
  const { name } = partition.node;
  // A GPT has room for 36 units of UTF-16.
  return name === null || name === "" ? [] : [{ ...partition, label: name.slice(0, 36) }];
}

function labelStep(located: Located<TableNode>, claim: Claim, context: StepContext): CommandStep {
  const { node, path, device } = located;
  return step(
    path,
    `write a partition table (${node.format}) to ${device}`,
    [{ kind: "is unmade", claim }],
    ["parted", "--script", device, "--", "mklabel", node.format],
    ...identityCommands(located, context),
  );
}

/** parted draws these numbers itself, so they are set afterwards. */
function identityCommands({ node, path, device }: Located<TableNode>, context: StepContext): string[][] {
  if (node.format === "gpt") {
    const guid = node.guid ?? seededUuid(context, `${path} guid`);
    return guid === undefined ? [] : [["sgdisk", `--disk-guid=${guid.toUpperCase()}`, device]];
  }
  const seeded = context.setting.identity?.number32(`${path} signature`);
  const signature = node.signature ?? (seeded === undefined ? null : `0x${seeded.toString(16).padStart(8, "0")}`);
  return signature === null ? [] : [["sfdisk", "--quiet", "--no-reread", "--disk-id", device, signature]];
}

function partitionStep(partition: Partition, { node: table, device }: Located<TableNode>, context: StepContext) {
  const { node, key, number, path } = partition;
  const flags = [...(node.bootable ? ["boot"] : []), ...node.flags];
  const guid = table.format === "gpt" ? seededUuid(context, `${path} guid`) : undefined;
  return step(
    path,
    `make partition ${number} (${key}) of ${device}`,
    [lacksPartition(device, number)],
    mkpart(partition, table, device, context),
    ...flags.map((flag) => ["parted", "--script", device, "--", "set", String(number), flag, "on"]),
    ...(guid === undefined ? [] : [["sgdisk", `--partition-guid=${number}:${guid.toUpperCase()}`, device]]),
  );
}

function mkpart({ node, path }: Partition, table: TableNode, device: string, context: StepContext): string[] {
  const first = table.format === "gpt" ? partedWord(node.name ?? "") : node["part-type"];
  const type = node["fs-type"] === null || node["part-type"] === "extended" ? [] : [node["fs-type"]];
  const solved = solvedPartition(context, path);
  const [align, start, end] =
    solved === undefined ? ["optimal", node.start, node.end] : ["none", `${solved.first}s`, `${solved.last}s`];
  return ["parted", "--script", `--align=${align}`, device, "--", "mkpart", first, ...type, start, end];
}

/** parted takes its arguments apart again, by quotes of its own. */
function partedWord(text: string): string {
  return /^[\w.+-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
}
