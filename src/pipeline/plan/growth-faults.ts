import { filesystemOf } from "../../filesystems/registry.ts";
import type { Growth } from "../../bootloaders/growth/finding.ts";
import type { DiskLayout, FilesystemLayout, Layout, PartitionLayout } from "../../layout/layout.ts";
import type { Fault } from "../../base/schema/faults.ts";

/**
 * Why a system would not use the space of a larger disk by itself; none when it would. Pure.
 *
 * @param growth what the system does; `undefined` where there is no system.
 */
export function growthFaults(layout: Layout, growth: Growth | undefined): Fault[] {
  if (growth === undefined) return ["there is no system that could grow itself"];
  const root = layout.filesystems.find(({ mountpoints }) => mountpoints.includes("/"));
  const disk = layout.disks.find(({ name }) => name === root?.place?.disk);
  if (root === undefined || disk === undefined) return ["the root filesystem does not lie in a partition of its own"];
  return [
    ...(disk.table === null ? [] : partitionFaults(root, disk, growth)),
    ...(filesystemOf(root.format).growth.mounted
      ? []
      : [`the root's filesystem is ${root.format}, which cannot grow while mounted`]),
    ...(growth.filesystem.how === null ? [`the root's filesystem does not grow: ${growth.filesystem.reason}`] : []),
  ];
}

/** The lines that a NixOS configuration lacks for growing. */
export function linesToAdd({ partition, filesystem }: Growth): string[] {
  return [
    ...(partition.how === null ? ["boot.growPartition = true;"] : []),
    ...(filesystem.how === null ? [`fileSystems."/".autoResize = true;`] : []),
  ];
}

function partitionFaults(root: FilesystemLayout, disk: DiskLayout, { partition: finding }: Growth): Fault[] {
  const partitions: readonly PartitionLayout[] = disk.table?.partitions ?? [];
  const own = partitions.find(({ content }) => content?.path === root.path);
  if (own === undefined) return ["the root filesystem does not lie in a partition of its own"];
  const behind = partitions.filter(({ first }) => first > own.last);
  return [
    ...behind.map(({ number }) => `partition ${number} lies behind the root, partition ${own.number}`),
    ...("role" in own && own.role === "logical" ? ["the root is a logical partition, inside of an extended one"] : []),
    ...(finding.how === null ? [`the root's partition does not grow: ${finding.reason}`] : []),
    ...(finding.how === "repart" ? repartFaults(own, finding.types ?? []) : []),
  ];
}

/** systemd-repart knows GPT only, and makes a new partition where it finds none of a definition's type. */
function repartFaults(root: PartitionLayout, types: readonly string[]): Fault[] {
  if (!("guid" in root)) return ["systemd-repart grows partitions in a GPT only, and the disk has an MBR"];
  if (types.includes(root.type)) return [];
  const wanted = types.join(", ") || "none that is known here";
  return [`the root's partition has the type ${root.type}; systemd-repart grows ${wanted}`];
}
