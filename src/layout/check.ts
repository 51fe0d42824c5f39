import { MkimageError } from "../base/errors.ts";
import { gptEntrySectors } from "./gpt-entries.ts";
import type {
  ContentLayout,
  DeviceLayout,
  DiskLayout,
  GroupLayout,
  Layout,
  PartitionLayout,
  Place,
  TableLayout,
} from "./layout.ts";
import { type Span, overlaps } from "./span.ts";
import type { Bytes } from "../base/units.ts";

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
    ...layout.disks.flatMap(diskFaults),
    ...layout.groups.flatMap(groupFaults),
  ];
  if (faults.length > 0) throw new MkimageError("INTERNAL", "the solved layout is wrong", { details: faults });
}

function diskFaults(disk: DiskLayout): string[] {
  const { name, size, sectorSize } = disk;
  if (size % sectorSize !== 0) return [`disk ${name}: its size is no whole number of sectors`];
  return deviceFaults(disk, { title: `disk ${name}`, size, sectorSize, place: { disk: name, offset: 0 } });
}

function groupFaults(group: GroupLayout): string[] {
  if (group.device === null) return [];
  return deviceFaults(group.device, {
    title: `${group.technology} ${group.name}`,
    size: group.size,
    sectorSize: 512,
    place: null,
  });
}

/** A block device that holds a table or content. */
interface Device {
  readonly title: string;
  readonly size: Bytes;
  readonly sectorSize: number;
  readonly place: Place | null;
}

function deviceFaults({ table, content }: DeviceLayout, device: Device): string[] {
  const whole = content === null ? [] : contentFaults(content, device);
  if (table === null) return whole;
  const faults = [...partitionFaults(table, device), ...overlapFaults(table), ...numberFaults(table)];
  return [
    ...whole,
    ...faults.map((fault) => `${device.title}: ${fault}`),
    ...table.partitions.flatMap((one) => insideFaults(one, device)),
  ];
}

function insideFaults({ key, content, first, last }: PartitionLayout, { title, sectorSize, place }: Device): string[] {
  if (content === null) return [];
  const inside = place === null ? null : { disk: place.disk, offset: place.offset + first * sectorSize };
  return contentFaults(content, {
    title: `${title}, partition ${key}`,
    size: (last - first + 1) * sectorSize,
    sectorSize,
    place: inside,
  });
}

/** Content fills its device and lies where the device lies. */
function contentFaults(content: ContentLayout, device: Device): string[] {
  const { title, size, place, sectorSize } = device;
  const isHere =
    content.size === size && content.place?.disk === place?.disk && content.place?.offset === place?.offset;
  const faults = isHere ? [] : [`${title}: its content does not fill it`];
  if (content.kind !== "container") return faults;
  const inside = {
    title: `${content.technology} container ${content.name}`,
    size: size - content.headerSize,
    sectorSize,
    place: null,
  };
  return [...faults, ...deviceFaults(content, inside)];
}

function partitionFaults(table: TableLayout, device: Device): string[] {
  const usable = usableOf(table, device);
  return table.partitions.flatMap(({ key, first, last, alignment }) => [
    ...(first <= last ? [] : [`partition ${key} ends before it begins`]),
    ...(usable.first <= first && last <= usable.last ? [] : [`partition ${key} lies outside the usable sectors`]),
    ...(first % alignment === 0 ? [] : [`partition ${key} is not aligned to ${alignment} sectors`]),
  ]);
}

function usableOf(table: TableLayout, { size, sectorSize }: Device): Span {
  const sectors = Math.floor(size / sectorSize);
  if (table.kind === "msdos") return { first: 1, last: Math.min(sectors, 2 ** 32) - 1 };
  const backup = gptEntrySectors(table.partitions.length, sectorSize) + 1;
  return { first: table.firstUsable, last: Math.min(table.lastUsable, sectors - backup - 1) };
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

function repeated<T>(values: readonly T[]): T[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}
