import { MkimageError } from "../errors.ts";
import type { DiskLayout, Layout, PartitionLayout, TableLayout } from "./layout.ts";
import { type Span, overlaps } from "./span.ts";

/**
 * Holds a layout against what must be true of every layout: partitions inside the usable range, no overlap, aligned as
 * they say, numbers and identifiers unique.
 *
 * @throws MkimageError INTERNAL, with everything that is wrong: then the solver has a fault, not the request.
 */
export function checkLayout(layout: Layout): void {
  const faults = [
    ...repeated(layout.disks.map(({ name }) => name)).map((name) => `two disks have the name ${name}`),
    ...repeated(layout.disks.map(({ imageName }) => imageName)).map((name) => `two disks have the image name ${name}`),
    ...layout.disks.flatMap((disk) => diskFaults(disk)),
  ];
  if (faults.length > 0) throw new MkimageError("INTERNAL", "the solved layout is wrong", { details: faults });
}

function diskFaults(disk: DiskLayout): string[] {
  const { table, name, size, sectorSize } = disk;
  if (size % sectorSize !== 0) return [`disk ${name}: its size is no whole number of sectors`];
  if (table === null) return [];
  const faults = [
    ...partitionFaults(disk, table),
    ...overlapFaults(table),
    ...numberFaults(table),
    ...contentFaults(disk, table),
  ];
  return faults.map((fault) => `disk ${name}: ${fault}`);
}

function partitionFaults(disk: DiskLayout, table: TableLayout): string[] {
  const usable = usableOf(disk, table);
  return table.partitions.flatMap(({ key, first, last, alignment }) => [
    ...(first <= last ? [] : [`partition ${key} ends before it begins`]),
    ...(usable.first <= first && last <= usable.last ? [] : [`partition ${key} lies outside the usable sectors`]),
    ...(first % alignment === 0 ? [] : [`partition ${key} is not aligned to ${alignment} sectors`]),
  ]);
}

function usableOf(disk: DiskLayout, table: TableLayout): Span {
  if (table.kind === "gpt") return { first: table.firstUsable, last: table.lastUsable };
  return { first: 1, last: Math.min(disk.size / disk.sectorSize, 2 ** 32) - 1 };
}

function overlapFaults(table: TableLayout): string[] {
  const partitions: readonly PartitionLayout[] = table.partitions;
  return partitions.flatMap((one, index) =>
    partitions
      .slice(index + 1)
      .filter((other) => overlaps(one, other) && !contains(one, other))
      .map((other) => `partitions ${one.key} and ${other.key} overlap`),
  );
}

/** An extended partition holds the logical ones, each with a sector before it. */
function contains(outer: PartitionLayout, inner: PartitionLayout): boolean {
  if (!("role" in outer) || !("role" in inner) || outer.role !== "extended" || inner.role !== "logical") return false;
  return outer.first < inner.first && inner.last <= outer.last;
}

function numberFaults(table: TableLayout): string[] {
  const numbers = repeated(table.partitions.map(({ number }) => number)).map(
    (number) => `two partitions have the number ${number}`,
  );
  if (table.kind === "msdos") return numbers;
  const guids = repeated([table.guid, ...table.partitions.map(({ guid }) => guid)]);
  const names = table.partitions.filter(({ name }) => name.length > 36);
  return [
    ...numbers,
    ...guids.map((guid) => `the GUID ${guid} stands for two things`),
    ...names.map(({ key }) => `the name of partition ${key} has more than 36 characters`),
  ];
}

function contentFaults({ sectorSize }: DiskLayout, table: TableLayout): string[] {
  return table.partitions.flatMap(({ key, content, first, last }) => {
    if (content === null) return [];
    const right = content.size === (last - first + 1) * sectorSize && content.place?.offset === first * sectorSize;
    return right ? [] : [`the content of partition ${key} does not fill it`];
  });
}

function repeated<T>(values: readonly T[]): T[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}
