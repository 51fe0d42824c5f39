import type { BlockFacts, BlockMark, StorageFacts } from "../../../src/devices/found/facts.ts";
import { type ReadTree, treeFromFacts } from "../../../src/devices/found/read-tree.ts";
import type { Span } from "../../../src/layout/span.ts";
import type { GptPartitionFacts, TableFacts } from "../../../src/partitions/table-facts.ts";

/** A device of a size, about which nothing else is known than what is given. */
export function block(
  name: string,
  given: Omit<Partial<BlockFacts>, "mark"> & { readonly mark?: Partial<BlockMark> },
): BlockFacts {
  const mark = { type: null, version: null, label: null, uuid: null, rivals: [], ...given.mark };
  const path = `/dev/${name}`;
  const none = { byIdPaths: [], table: null, mbr: [], partitions: [], above: [], below: [], mapped: null, uses: [] };
  return { name, path, size: 2 ** 31, sectorSize: 512, ...none, answers: {}, faults: [], ...given, mark };
}

/** Reads the disks among devices: those that stand on nothing. */
export function read(blocks: readonly BlockFacts[], given: Partial<StorageFacts> = {}): ReadTree {
  const parts = new Set(blocks.flatMap(({ partitions, above }) => [...partitions.map(({ name }) => name), ...above]));
  const disks = blocks.filter(({ name }) => !parts.has(name)).map(({ name }) => name);
  const devices = new Map(blocks.map((one) => [one.name, one]));
  return treeFromFacts({ disks, devices, systemRoot: "/", fstab: [], ...given });
}

/** A disk with a GPT, and what is in its partitions by their numbers. */
export function gptDisk(
  name: string,
  partitions: readonly Partial<GptPartitionFacts>[],
  given: Partial<BlockFacts> = {},
): BlockFacts {
  const facts = partitions.map((one, index) => ({
    ...somePartition,
    number: index + 1,
    guid: guidOf(index + 1),
    ...one,
  }));
  const { size = 2 ** 31, sectorSize = 512 } = given;
  return block(name, {
    table: { kind: "gpt", guid: guidOf(0), firstUsable: 34, lastUsable: size / sectorSize - 34, partitions: facts },
    partitions: facts.map((one) => deviceOf(name, one, sectorSize)),
    ...given,
  });
}

const somePartition: GptPartitionFacts = {
  number: 1,
  first: 2048,
  last: 4095,
  name: "",
  type: "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
  guid: "",
  attributes: [],
};

/** A disk with an msdos table. */
export function msdosDisk(
  name: string,
  table: Extract<TableFacts, { kind: "msdos" }>,
  given: Partial<BlockFacts> = {},
): BlockFacts {
  return block(name, { table, partitions: table.partitions.map((one) => deviceOf(name, one, 512)), ...given });
}

function deviceOf(name: string, { number, first, last }: Span & { readonly number: number }, sectorSize: number) {
  return { number, name: `${name}${number}`, offset: first * sectorSize, size: (last - first + 1) * sectorSize };
}

/** A GUID that a number stands for. */
export function guidOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}
