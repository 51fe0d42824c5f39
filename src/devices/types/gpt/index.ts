import { partitionLabelPath, partitionPath } from "../../../layout/partition-path.ts";
import type { ContentType, NixosSettings } from "../../content-type.ts";
import { contentOf, type Located } from "../../tree/locate.ts";
import { partitionId } from "../../tree/taken.ts";
import { gptReading } from "./found.ts";
import { gptChanges } from "./changes.ts";
import { planGpt } from "./layout.ts";
import { orderedPartitions, partitionLabel, partitionType } from "./order.ts";
import { gptPartitions } from "./partitions.ts";
import { type GptNode, gptNode } from "./schema.ts";
import { gptShell } from "./shell.ts";
import { gptSteps } from "./steps.ts";

/** A GUID partition table, laid out as sgdisk does. */
export const gptType: ContentType<GptNode> = {
  schema: ({ partition }) => gptNode(partition),
  layout: {
    kind: "table",
    plan: planGpt,
    typed: (node) => orderedPartitions(node).map((each) => ({ type: partitionType(each), content: each.node.content })),
  },
  steps: gptSteps,
  shell: gptShell,
  contents: ({ partitions }, path) =>
    Object.entries(partitions).map(([key, { content }]) => {
      return { path: `${path}.partitions.${key}.content`, node: content };
    }),
  inside: (gpt) => gptPartitions(gpt).flatMap(contentOf),
  takes: ({ guid, partitions }, path) => [
    ...partitionId(guid, path),
    ...Object.entries(partitions).flatMap(([key, { uuid }]) => partitionId(uuid, `${path}.partitions.${key}`)),
  ],
  deviceNames,
  changes: gptChanges,
  nixos: grubInNixos,
  found: gptReading,
};

function deviceNames(gpt: Located<GptNode>): (readonly [string, string])[] {
  return gptPartitions(gpt).flatMap((partition) => {
    const { number, device, installed } = partition;
    const names = [
      partitionPath(gpt.installed, number),
      partitionLabelPath(partitionLabel(partition, gpt.name)),
      installed,
    ];
    return names.map((name) => [name, device] as const);
  });
}

/** GRUB for BIOS goes where it has a partition for its code. */
function grubInNixos({ node, installed }: Located<GptNode>): NixosSettings {
  return hasBiosBoot(node) ? { "boot.loader.grub.devices": [installed] } : {};
}

function hasBiosBoot({ partitions }: GptNode): boolean {
  return Object.values(partitions).some(({ type }) => type?.toUpperCase() === "EF02");
}
