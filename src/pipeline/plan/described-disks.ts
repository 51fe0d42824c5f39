import type { InstallMount, KnownDisks } from "../../guest/install-job.ts";
import type { PartitionRecord } from "../../guest/device-record.ts";
import type { DiskLayout, FilesystemLayout, Layout, PartitionLayout } from "../../layout/layout.ts";
import { partitionPath } from "../../layout/partition-path.ts";
import { diskSerial } from "./disk-serial.ts";
import { partitionOf } from "./partition-of.ts";

/** The partitions of a layout, and the filesystems on them, as a guest is to know them. */
export function describedDisks(layout: Layout): Pick<KnownDisks, "mounts" | "partitions"> {
  return {
    mounts: layout.filesystems.flatMap((filesystem) => mountOf(filesystem, layout)),
    partitions: layout.disks.flatMap(partitionRecords),
  };
}

/** The same with the names under `diskDevice`, by which the steps of a tree find their disks. */
export function disksOfSteps(layout: Layout): KnownDisks {
  const { mounts, partitions } = describedDisks(layout);
  return {
    mounts,
    partitions: layout.disks.flatMap((disk) => {
      const own = partitions.filter((partition) => partition.disk === diskSerial(disk.name));
      return own.map((partition) => {
        return { ...partition, names: namesOf(disk).map((name) => partitionPath(name, partition.number)) };
      });
    }),
    bootDevices: layout.disks.flatMap((disk) => {
      return namesOf(disk).map((name) => ({ name, disk: diskSerial(disk.name) }));
    }),
  };
}

/** The name for our steps, and that of the tree for the user's own arguments and lines, unless it is a guest's own. */
function namesOf({ name, device }: DiskLayout): string[] {
  const isFree = device !== null && device.startsWith("/dev/") && !/^\/dev\/vd[a-z]+\d*$/.test(device);
  return [diskDevice(name), ...(isFree ? [device] : [])];
}

/** The name of a disk of the layout for the steps that run in a guest. The image's own names are for its bootloader. */
export function diskDevice(name: string): string {
  return `/dev/mkimage/disk/${diskSerial(name)}`;
}

function mountOf(filesystem: FilesystemLayout, layout: Layout): InstallMount[] {
  const { mountpoint, place, format, uuid, label } = filesystem;
  if (mountpoint === null || place === null) return [];
  const partition = partitionOf(filesystem, layout);
  return [
    {
      disk: diskSerial(place.disk),
      ...(partition === undefined ? {} : { partition }),
      filesystem: { type: format, ...(uuid === null ? {} : { uuid }), ...(label === null ? {} : { label }) },
      mountPoint: mountpoint,
    },
  ];
}

function partitionRecords(disk: DiskLayout): PartitionRecord[] {
  const { table } = disk;
  if (table === null) return [];
  return table.partitions.map((partition) => ({
    disk: diskSerial(disk.name),
    number: partition.number,
    ...identityOf(partition, disk),
  }));
}

function identityOf(partition: PartitionLayout, { table }: DiskLayout): Omit<PartitionRecord, "disk" | "number"> {
  if ("guid" in partition) {
    return {
      scheme: "gpt",
      type: partition.type.toLowerCase(),
      uuid: partition.guid.toLowerCase(),
      name: partition.name,
    };
  }
  const signature = table?.kind === "msdos" ? hex(table.signature, 8) : "";
  return { scheme: "dos", type: `0x${hex(partition.type, 1)}`, uuid: `${signature}-${hex(partition.number, 2)}` };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
