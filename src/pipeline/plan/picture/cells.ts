import type {
  ContentLayout,
  DeviceLayout,
  DiskLayout,
  FilesystemLayout,
  GroupLayout,
  Layout,
  LogicalVolumeLayout,
  PartitionLayout,
  VolumeGroupLayout,
  VolumeLayout,
} from "../../../layout/layout.ts";
import { type Bytes, formatSize, MiB } from "../../../base/units.ts";
import type { Cell, CellKind, Picture } from "./cell.ts";

/** A picture of a disk. What is made of one device alone is shown inside that. Pure. */
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

function groupTitle(group: GroupLayout): string {
  const kinds = { lvm_vg: "LVM", mdadm: "RAID", zpool: "ZFS", bcachefs_filesystems: "bcachefs" };
  const level = group.kind === "mdadm" ? ` ${group.level}` : "";
  return `${kinds[group.kind]}${level} ${group.name}`;
}

function groupCells(group: GroupLayout, layout: Layout): Cell[] {
  switch (group.kind) {
    case "lvm_vg":
      return volumeGroupCells(group, layout);
    case "mdadm":
      return deviceCells(group, group.size, 512, layout);
    case "zpool":
      return [filesystemCell(group.filesystem), ...group.volumes.map((volume) => volumeCell(volume, layout))];
    case "bcachefs_filesystems":
      return [filesystemCell(group.filesystem)];
  }
}

function volumeGroupCells({ size, volumes }: VolumeGroupLayout, layout: Layout): Cell[] {
  const outer = volumes.filter(({ pool }) => pool === null);
  // What others take of the group is more than their size.
  const isPlain = outer.every(({ type }) => type === null || type === "thin-pool");
  const rest = size - outer.reduce((sum, volume) => sum + volume.size, 0);
  return [...outer.map((volume) => logicalVolume(volume, volumes, layout)), ...(isPlain ? gapCells(rest) : [])];
}

/** Thin volumes lie in their pool. */
function logicalVolume(volume: LogicalVolumeLayout, all: readonly LogicalVolumeLayout[], layout: Layout): Cell {
  if (volume.type !== "thin-pool") return volumeCell(volume, layout);
  const inside = all.filter(({ pool }) => pool === volume.name).map((thin) => volumeCell(thin, layout));
  return { size: volume.size, kind: "container", lines: [volume.name, formatSize(volume.size), "thin pool"], inside };
}

function volumeCell({ name, size, content }: VolumeLayout, layout: Layout): Cell {
  return namedCell(name, size, content, layout);
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
    case "luks": {
      const inside = deviceCells(content, content.size - content.headerSize, 512, layout);
      return { kind: "container", lines: [`LUKS ${content.name}`], inside };
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
  return format === "vfat" ? "boot" : "filesystem";
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
