import type { DeviceTree } from "../../devices/device-tree.ts";
import type { BootDevice } from "../../guest/install-job.ts";
import type { Layout } from "../../layout/layout.ts";
import type { Fault } from "../../base/schema/faults.ts";
import { partitionPath } from "../../layout/partition-path.ts";
import { diskSerial } from "./disk-serial.ts";

/**
 * Rules for a guest's udev, so that each disk is found under the name that the tree has for it, its partitions under the
 * names that follow from that, and what a bootloader is installed to under the names that the system knows.
 *
 * Source: udev(7). A virtio disk has its serial number in `serial`; `%n` is the number of a partition.
 */
export function deviceRules({ disks }: Layout, bootDevices: readonly BootDevice[]): string {
  const own = disks.flatMap(({ name, device }) => (device === null ? [] : [{ name: device, disk: diskSerial(name) }]));
  const names = new Map([...own, ...bootDevices].map((named) => [`${named.disk} ${named.name}`, named]));
  return [...names.values()].map(rulesFor).join("");
}

function rulesFor({ name, disk }: BootDevice): string {
  const partition = partitionPath(name, 1).replace(/1$/, "%n");
  const block = 'SUBSYSTEM=="block"';
  return [
    `${block}, ENV{DEVTYPE}=="disk", ATTR{serial}=="${disk}", SYMLINK+="${linkOf(name)}"\n`,
    `${block}, ENV{DEVTYPE}=="partition", ATTRS{serial}=="${disk}", SYMLINK+="${linkOf(partition)}"\n`,
  ].join("");
}

function linkOf(path: string): string {
  return path.replace(/^\/dev\//, "");
}

/** The devices of a tree that no rule can name, a line each. */
export function unnameable(tree: DeviceTree): Fault[] {
  return Object.entries(tree.disk).flatMap(([key, { device }]) => {
    if (device === null || /^\/dev\/[\w#+\-.:=@/]+$/.test(device)) return [];
    return [
      `disk.${key}: its script would look for ${device}, which udev cannot name; use letters, digits and #+-.:=@_/`,
    ];
  });
}
