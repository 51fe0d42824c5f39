import type {
  GptLayout,
  GptPartitionLayout,
  MsdosLayout,
  MsdosPartitionLayout,
  TableLayout,
} from "../layout/layout.ts";

/** The contents of a partition table on a disk: a layout without the facts that only the device tree has. */
export type TableFacts = GptFacts | MsdosFacts;

export interface GptFacts extends Pick<GptLayout, "kind" | "guid" | "firstUsable" | "lastUsable"> {
  readonly partitions: readonly GptPartitionFacts[];
}

export type GptPartitionFacts = Pick<
  GptPartitionLayout,
  "number" | "first" | "last" | "name" | "type" | "guid" | "attributes"
>;

interface MsdosFacts extends Pick<MsdosLayout, "kind" | "signature"> {
  readonly partitions: readonly MsdosPartitionFacts[];
}

export type MsdosPartitionFacts = Pick<MsdosPartitionLayout, "number" | "first" | "last" | "type" | "active">;

/** Returns the contents of a layout's table once it is written. Partitions come in the order of their numbers. */
export function factsOf(table: TableLayout): TableFacts {
  if (table.kind === "gpt") {
    const { kind, guid, firstUsable, lastUsable } = table;
    return { kind, guid, firstUsable, lastUsable, partitions: inOrder(table.partitions).map(gptPartition) };
  }
  const { kind, signature } = table;
  return { kind, signature, partitions: inOrder(table.partitions).map(msdosPartition) };
}

function gptPartition({ number, first, last, name, type, guid, attributes }: GptPartitionLayout): GptPartitionFacts {
  return { number, first, last, name, type, guid, attributes };
}

function msdosPartition({ number, first, last, type, active }: MsdosPartitionLayout): MsdosPartitionFacts {
  return { number, first, last, type, active };
}

function inOrder<T extends { readonly number: number }>(partitions: readonly T[]): T[] {
  return partitions.toSorted((a, b) => a.number - b.number);
}
