import type { DeviceTree } from "../device-tree.ts";
import { partitionLabel } from "../types/gpt/order.ts";
import { contentsIn, gptPartitions, type Located, tablePartitions, type Unit } from "./located.ts";
import { partitionLabelPath, partitionPath } from "../../layout/partition-path.ts";

/**
 * The devices of a tree by what the installed system calls them, with what they are called on the machine that runs the
 * steps: arguments of mkfs may name a device that stands elsewhere in the tree.
 */
export function deviceNames(tree: DeviceTree, units: readonly Unit[]): ReadonlyMap<string, string> {
  const disks = units.flatMap(({ kind, key, device }) => {
    const installed = kind === "disk" ? (tree.disk[key]?.device ?? null) : null;
    return installed === null || device === null ? [] : [[installed, device] as const];
  });
  return new Map([...disks, ...units.flatMap(({ contents }) => contents.flatMap(namesIn))]);
}

function namesIn(located: Located): (readonly [installed: string, here: string])[] {
  return [...namesOfPartitions(located), ...contentsIn(located).flatMap(namesIn)];
}

function namesOfPartitions({ node, ...place }: Located): (readonly [string, string])[] {
  if (node.type === "table") {
    return tablePartitions({ ...place, node }).map(({ installed, device }) => [installed, device] as const);
  }
  if (node.type !== "gpt") return [];
  return gptPartitions({ ...place, node }).flatMap((partition) => {
    const names = [
      partitionPath(place.installed, partition.number),
      partitionLabelPath(partitionLabel(partition, place.name)),
      partition.installed,
    ];
    return names.map((name) => [name, partition.device] as const);
  });
}

/** An argument in which each device has its name here: `/dev/x`, `logdev=/dev/x,size=8m`. */
export function argumentHere(word: string, names: ReadonlyMap<string, string>): string {
  return word
    .split(/([,=])/)
    .map((part) => names.get(part) ?? part)
    .join("");
}
