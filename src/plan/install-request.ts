import type { BootDevice, InstallMount, InstallRequest, NamedOwner } from "../guest/install-job.ts";
import type { PartitionRecord } from "../guest/device-record.ts";
import type { DiskLayout, FilesystemLayout, Layout, PartitionLayout } from "../layout/layout.ts";
import { diskSerial } from "./disk-serial.ts";
import { partitionOf } from "./partition-of.ts";

/** What an installation in a guest depends on besides the layout. */
export interface InstallWishes {
  readonly toplevel: string;
  /** The names that the bootloader knows its disks by. */
  readonly bootDevices: readonly string[];
  readonly installBootloader: boolean;
  readonly touchEfiVariables: boolean;
  readonly owners: readonly NamedOwner[];
  /** Further paths to bring back. */
  readonly capture: readonly string[];
}

/** Where bootloaders keep their files. */
const bootFolders = ["/boot", "/efi"];

/** Where activation remembers the numbers of users and groups. */
const identityMaps = ["/var/lib/nixos/uid-map", "/var/lib/nixos/gid-map"];

/** What a guest is asked to do with a scratch copy of an image. Its disks have serial numbers by `diskSerial`. */
export function installRequestOf(layout: Layout, wishes: InstallWishes): InstallRequest {
  const { toplevel, installBootloader, touchEfiVariables, owners, capture } = wishes;
  const trees = [...new Set([...bootFolders, ...bootMountpoints(layout)])].filter((path) => {
    return path === "/boot" || layout.filesystems.some((filesystem) => filesystem.mountpoint === path);
  });
  return {
    toplevel,
    installBootloader,
    touchEfiVariables,
    owners,
    mounts: layout.filesystems.flatMap((filesystem) => mountOf(filesystem, layout)),
    partitions: layout.disks.flatMap(partitionRecords),
    bootDevices: wishes.bootDevices.map((name) => bootDeviceOf(name, layout)),
    capture: { trees, files: [...(owners.length > 0 ? identityMaps : []), ...capture] },
  };
}

/** A FAT filesystem in an image is there for the firmware. */
function bootMountpoints(layout: Layout): string[] {
  return layout.filesystems.flatMap(({ format, mountpoint }) =>
    format === "vfat" && mountpoint !== null ? [mountpoint] : [],
  );
}

/** A device that no disk of the tree claims stands for the first one. */
function bootDeviceOf(name: string, { disks }: Layout): BootDevice {
  const disk = disks.find(({ device }) => device === name) ?? disks[0];
  return { name, disk: diskSerial(disk?.name ?? "") };
}

function mountOf(filesystem: FilesystemLayout, layout: Layout): InstallMount[] {
  const { mountpoint, place, format, uuid, label } = filesystem;
  if (mountpoint === null || place === null) return [];
  const partition = partitionOf(filesystem, layout);
  return [
    {
      disk: diskSerial(place.disk),
      ...(partition === undefined ? {} : { partition }),
      filesystem: { type: format, uuid, ...(label === null ? {} : { label }) },
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
