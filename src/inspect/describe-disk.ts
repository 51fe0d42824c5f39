import { basename } from "node:path";
import { MiB, type Bytes } from "../base/units.ts";
import { countNames } from "../manifest/tree.ts";
import type { TableFacts } from "../partitions/table-facts.ts";
import type { ContentFacts, DiskFacts, PartitionFacts } from "./facts.ts";
import { purposeOf } from "./purposes.ts";
import type { ReadDisk, Volume } from "./read-disk.ts";

const smallestGap = MiB;

/** A disk that was read, as plain data. Pure. */
export function diskFacts(disk: ReadDisk): DiskFacts {
  const { image, sectorSize, table } = disk;
  const partitions = disk.volumes
    .map((volume) => partitionFacts(volume, disk))
    .toSorted((one, other) => one.offset - other.offset);
  return {
    name: basename(image.path),
    format: image.format,
    size: image.size,
    storedBytes: image.storedBytes,
    sectorSize,
    table: table === null ? null : { kind: table.kind, id: identifierOf(table) },
    partitions,
    gaps: gapsOf(partitions, image.size),
    faults: [...disk.tableFaults, ...outside(partitions, image.size)],
  };
}

function identifierOf(table: TableFacts): string {
  return table.kind === "gpt" ? table.guid : table.signature.toString(16).padStart(8, "0");
}

function partitionFacts(volume: Volume, { sectorSize, image }: ReadDisk): PartitionFacts {
  const { partition } = volume;
  const content = contentFacts(volume);
  if (partition === null) {
    const last = Math.ceil(image.size / sectorSize) - 1;
    const whole = { number: null, first: 0, last, offset: 0, size: image.size };
    return { ...whole, name: "", type: "", purpose: "whole disk", guid: "", content };
  }
  const { number, first, last, type } = partition;
  return {
    number,
    first,
    last,
    offset: first * sectorSize,
    size: (last - first + 1) * sectorSize,
    name: "name" in partition ? partition.name : "",
    type: typeof type === "string" ? type : type.toString(16).padStart(2, "0"),
    purpose: purposeOf(type),
    guid: "guid" in partition ? partition.guid : "",
    content,
  };
}

function contentFacts({ signature, filesystem, fault }: Volume): ContentFacts {
  const { type, label, uuid } = signature;
  return {
    type,
    label,
    uuid,
    freeBytes: filesystem?.freeBytes ?? null,
    names: filesystem === null ? null : countNames(filesystem.root),
    faults: [...(fault === null ? [] : [fault]), ...(filesystem?.faults ?? [])],
  };
}

function gapsOf(partitions: readonly PartitionFacts[], size: Bytes): { offset: Bytes; size: Bytes }[] {
  const edges = partitions.map(({ offset, size: length }) => ({ start: offset, end: offset + length }));
  let end = 0;
  const gaps: { offset: Bytes; size: Bytes }[] = [];
  for (const edge of [...edges, { start: size, end: size }]) {
    if (edge.start - end >= smallestGap) gaps.push({ offset: end, size: edge.start - end });
    end = Math.max(end, edge.end);
  }
  return gaps;
}

/** A table of a disk that was cut off speaks of more than there is. */
function outside(partitions: readonly PartitionFacts[], size: Bytes): string[] {
  return partitions
    .filter(({ offset, size: length }) => offset + length > size)
    .map(
      ({ number, offset, size: length }) =>
        `partition ${number} ends at byte ${offset + length}, after the image's end at ${size}`,
    );
}
