import { lengthOf } from "../../../layout/span.ts";
import type { GptPartitionFacts } from "../../../partitions/table-facts.ts";
import { mbrTypes } from "../../../structures/mbr/partition-types.ts";
import type { BlockFacts, MbrPartition } from "../../found/facts.ts";
import type { FoundPlace, NodeText, TreeReader } from "../../found/reading.ts";
import type { ReadPartition } from "./found-partition.ts";

/** The entries of a hybrid MBR, by the keys of their partitions. */
export function hybridTexts(
  partitions: readonly ReadPartition[],
  { mbr }: BlockFacts,
  { path }: FoundPlace,
  reader: TreeReader,
): Map<string, NodeText> {
  const entries = mbr.filter(({ type }) => type !== mbrTypes.protective);
  const named = entries.map((entry) => [entry, partitions.find(({ facts }) => isSame(entry, facts))] as const);
  const others = named.filter(([, partition]) => partition === undefined);
  if (others.length > 0)
    reader.fault(
      path,
      `its MBR has ${others.length} entries for what is no partition of the GPT: two tables, which say different things`,
    );
  return new Map(
    named.flatMap(([entry, partition]) => (partition === undefined ? [] : [[partition.key, hybridText(entry)]])),
  );
}

function isSame({ first, count }: MbrPartition, facts: GptPartitionFacts): boolean {
  return first === facts.first && count === lengthOf(facts);
}

function hybridText({ type, active }: MbrPartition): NodeText {
  const mbrPartitionType = `0x${type.toString(16).padStart(2, "0")}`;
  return { hybrid: { mbrPartitionType, ...(active ? { mbrBootableFlag: true } : {}) } };
}

/** Whether the entry of the whole disk follows others in its MBR. */
export function isProtectiveLast({ mbr }: BlockFacts): boolean {
  return mbr.length > 1 && mbr[0]?.type !== mbrTypes.protective;
}
