import type { GptNode, GptPartitionNode } from "./schema.ts";
import type { Located, LocatedPartition } from "../../tree/locate.ts";
import { type CommandStep, step } from "../../../steps/step.ts";

/** A hybrid MBR with the partitions that want one. sgdisk puts its protective entry first, or last where `EE` follows. */
export function hybridSteps(
  partitions: readonly LocatedPartition<GptPartitionNode>[],
  { node, path, device }: Located<GptNode>,
): CommandStep[] {
  const wanted = partitions.filter((partition) => partition.node.hybrid !== null);
  if (wanted.length === 0) return [];
  const first = node.efiGptPartitionFirst;
  // Without `EE` sgdisk's protective entry stands first.
  const numbers = [...wanted.map(({ number }) => String(number)), ...(first ? [] : ["EE"])].join(":");
  const entries = wanted.flatMap(({ node: { hybrid } }, index) =>
    entryCommands(hybrid, index + (first ? 2 : 1), device),
  );
  const title = `write a hybrid MBR to ${device}`;
  return [step(path, title, [lacksHybrid(device)], ["sgdisk", `--hybrid=${numbers}`, device], ...entries)];
}

/** The MBR of a plain GPT has one entry. */
function lacksHybrid(device: string) {
  const argv = ["sfdisk", "--quiet", "--label-nested=dos", "--part-type", device, "2"];
  return { kind: "fails", argv } as const;
}

function entryCommands(hybrid: GptPartitionNode["hybrid"], entry: number, device: string): string[][] {
  const nested = ["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--label-nested=dos"];
  const type = hybrid?.mbrPartitionType?.replace(/^0x/i, "") ?? null;
  return [
    ...(type === null ? [] : [[...nested, "--part-type", device, String(entry), type]]),
    ...(hybrid?.mbrBootableFlag === true ? [[...nested, "--activate", device, String(entry)]] : []),
  ];
}
