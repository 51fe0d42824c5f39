import type {
  ContentLayout,
  DeviceLayout,
  DiskLayout,
  FilesystemLayout,
  GroupLayout,
  Layout,
  PartitionLayout,
  VolumeLayout,
} from "../../../layout/layout.ts";
import { filesystemOf } from "../../../filesystems/registry.ts";
import { type Bytes, formatSize, MiB } from "../../../base/units.ts";
import type { Cell, CellKind, Picture } from "./cell.ts";

/** Draws a disk. A group made of one device alone is shown inside that device. Pure. */
export function pictureOfDisk(disk: DiskLayout, layout: Layout): Picture {
  const { name, size, sectorSize } = disk;
  return { title: `${name}, ${formatSize(size)}`, cells: orFree(deviceCells(disk, size, sectorSize, layout), size) };
}

/** Pictures of what is made of several devices. Pure. */
export function picturesOfGroups(layout: Layout): Picture[] {
  return layout.groups.filter(isShared).map((group) => {
    const members = group.members.map((path) => path.replaceAll(/\.(content|partitions)(?=\.|$)/g, ""));
    const title = `${groupTitle(group)}, ${formatSize(group.size)}, on ${members.join(", ")}`;
    return { title, cells: orFree(groupCells(group, layout), group.size) };
  });
}

function orFree(cells: readonly Cell[], size: Bytes): readonly Cell[] {
  return cells.length === 0 ? [free(size)] : cells;
}

function isShared(group: GroupLayout): boolean {
  return group.members.length > 1;
}

function groupTitle({ technology, name }: GroupLayout): string {
  return `${technology} ${name}`;
}

function groupCells(group: GroupLayout, layout: Layout): Cell[] {
  const { device, filesystem, volumes, size, free: unused } = group;
  const outer = volumes.filter(({ inside }) => inside === null);
  return [
    ...(device === null ? [] : deviceCells(device, size, 512, layout)),
    ...(filesystem === null ? [] : [filesystemCell(filesystem)]),
    ...outer.map((volume) => volumeCell(volume, volumes, layout)),
    ...gapCells(unused),
  ];
}

/** A volume, with those that take their space from it. */
function volumeCell(volume: VolumeLayout, all: readonly VolumeLayout[], layout: Layout): Cell {
  const { name, size, content, purpose } = volume;
  if (purpose === null) return namedCell(name, size, content, layout);
  const inside = all.filter((one) => one.inside === name).map((one) => volumeCell(one, all, layout));
  return { size, kind: "container", lines: [name, formatSize(size), purpose], inside };
}

function filesystemCell(filesystem: FilesystemLayout): Cell {
  return { size: filesystem.size, kind: kindOf(filesystem), lines: filesystemLines(filesystem), inside: [] };
}

function deviceCells({ table, content }: DeviceLayout, size: Bytes, sectorSize: number, layout: Layout): Cell[] {
  if (table !== null) return withGaps(table.partitions, size, sectorSize, layout);
  if (content === null) return [];
  return [{ size, ...describe(content, layout) }];
}

/** Less is alignment. */
const leastGap = 8 * MiB;

/** The partitions in the order of the disk, with the space between them; logical ones lie in their extended partition. */
function withGaps(partitions: readonly PartitionLayout[], size: Bytes, sectorSize: number, layout: Layout): Cell[] {
  const outer = partitions.filter((partition) => !isLogical(partition)).toSorted((a, b) => a.first - b.first);
  const logical = partitions.filter(isLogical).toSorted((a, b) => a.first - b.first);
  let end = 0;
  const cells = outer.flatMap((partition) => {
    const gap = partition.first * sectorSize - end;
    end = (partition.last + 1) * sectorSize;
    const cell = partitionCell(partition, sectorSize, layout);
    const isExtended = "role" in partition && partition.role === "extended";
    const inside = isExtended ? logical.map((one) => partitionCell(one, sectorSize, layout)) : cell.inside;
    return [...gapCells(gap), { ...cell, inside }];
  });
  return [...cells, ...gapCells(size - end)];
}

function isLogical(partition: PartitionLayout): boolean {
  return "role" in partition && partition.role === "logical";
}

function gapCells(size: Bytes): Cell[] {
  return size < leastGap ? [] : [free(size)];
}

function free(size: Bytes): Cell {
  return { size, kind: "free", lines: ["free", formatSize(size)], inside: [] };
}

function partitionCell(partition: PartitionLayout, sectorSize: number, layout: Layout): Cell {
  const { key, first, last, content } = partition;
  const size = (last - first + 1) * sectorSize;
  const cell = namedCell(key, size, content, layout);
  return "role" in partition && partition.role === "extended" ? { ...cell, lines: [...cell.lines, "extended"] } : cell;
}

function namedCell(name: string, size: Bytes, content: ContentLayout | null, layout: Layout): Cell {
  const { kind, lines, inside } = describe(content, layout);
  return { size, kind, lines: [name, formatSize(size), ...lines], inside };
}

function describe(content: ContentLayout | null, layout: Layout): Omit<Cell, "size"> {
  switch (content?.kind) {
    case undefined:
      return { kind: "other", lines: [], inside: [] };
    case "filesystem":
      return { kind: kindOf(content), lines: filesystemLines(content), inside: [] };
    case "swap":
      return { kind: "swap", lines: ["swap"], inside: [] };
    case "container": {
      const inside = deviceCells(content, content.size - content.headerSize, 512, layout);
      return { kind: "container", lines: [`${content.technology} ${content.name}`], inside };
    }
    case "member": {
      const group = layout.groups.find(({ kind, name }) => kind === content.groupKind && name === content.group);
      if (group === undefined) return { kind: "container", lines: [content.group], inside: [] };
      return {
        kind: "container",
        lines: [groupTitle(group)],
        inside: isShared(group) ? [] : groupCells(group, layout),
      };
    }
  }
}

function kindOf({ format }: FilesystemLayout): CellKind {
  return filesystemOf(format).firmwareReads ? "boot" : "filesystem";
}

/** How many mount points of one filesystem are shown. */
const shownMountpoints = 4;

function filesystemLines({ format, label, mountpoints }: FilesystemLayout): string[] {
  const more = mountpoints.length - shownMountpoints;
  return [
    label === null ? format : `${format} ${label}`,
    ...mountpoints.toSorted().slice(0, shownMountpoints),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}
