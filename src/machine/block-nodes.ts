import { statSync, type Stats } from "node:fs";
import { basename, join } from "node:path";
import type { HolderKind } from "./device.ts";
import { mountOf, type Mount } from "./mount-table.ts";
import { namesIn, readText, resolvedOn, resolvedPath, type SystemFolders } from "./system-files.ts";

/** The folder of a block device, disk or partition, in sysfs. */
export function nodeFolder(folders: SystemFolders, name: string): string {
  return join(folders.sys, "class/block", name);
}

/** The names of a disk's partitions. */
export function partitionNames(folders: SystemFolders, name: string): string[] {
  return namesIn(nodeFolder(folders, name)).filter((entry) => isPartition(folders, entry) && entry.startsWith(name));
}

export function isPartition(folders: SystemFolders, name: string): boolean {
  return readText(join(nodeFolder(folders, name), "partition")) !== undefined;
}

/** The name of the disk that a partition lies on. */
export function diskOf(folders: SystemFolders, partition: string): string | undefined {
  return namesIn(join(folders.sys, "class/block")).find((disk) => partitionNames(folders, disk).includes(partition));
}

/** A device that is stacked on another one: `on` is the one below. */
export interface Holder {
  readonly name: string;
  readonly on: string;
}

/** The device, its partitions, and everything stacked on them, with who stands on whom. */
export function nodesAbove(folders: SystemFolders, name: string): { nodes: Set<string>; holders: Holder[] } {
  const nodes = new Set<string>();
  const holders: Holder[] = [];
  const visit = (node: string): void => {
    if (nodes.has(node)) return;
    nodes.add(node);
    partitionNames(folders, node).forEach(visit);
    for (const holder of namesIn(join(nodeFolder(folders, node), "holders"))) {
      holders.push({ name: holder, on: node });
      visit(holder);
    }
  };
  visit(name);
  return { nodes, holders };
}

/** The device with everything it stands on: its disk, the members of its array, the disk of its backing file. */
export function nodesBelow(folders: SystemFolders, name: string, mounts: readonly Mount[]): Set<string> {
  const nodes = new Set<string>();
  const visit = (node: string | undefined): void => {
    if (node === undefined || nodes.has(node)) return;
    nodes.add(node);
    if (isPartition(folders, node)) visit(diskOf(folders, node));
    namesIn(join(nodeFolder(folders, node), "slaves")).forEach(visit);
    const backing = backingFile(folders, node);
    if (backing !== undefined) nodesOfPath(folders, backing, mounts).forEach(visit);
  };
  visit(name);
  return nodes;
}

/** The names of the devices that a file or folder lies on; none for memory, networks and pools. */
export function nodesOfPath(folders: SystemFolders, path: string, mounts: readonly Mount[]): readonly string[] {
  const direct = nodeOfDevicePath(folders, path);
  if (direct !== undefined) return [direct];
  const mount = mountOf(resolvedOn(folders, path) ?? path, mounts);
  return mount === undefined ? [] : nodesOfMount(folders, mount);
}

/**
 * The names of the devices that are mounted: by number, or by source where the filesystem has a number of its own. Of a
 * btrfs on several devices the mount names one.
 */
export function nodesOfMount(folders: SystemFolders, mount: Mount): readonly string[] {
  const names = namesIn(join(folders.sys, "class/block"));
  const byNumber = names.find((name) => readText(join(nodeFolder(folders, name), "dev")) === mount.number);
  const node = byNumber ?? nodeOfDevicePath(folders, mount.source);
  if (node === undefined) return [];
  return btrfsDevices(folders).find((devices) => devices.includes(node)) ?? [node];
}

/** The devices of each btrfs that is mounted. */
function btrfsDevices(folders: SystemFolders): string[][] {
  const filesystems = join(folders.sys, "fs/btrfs");
  return namesIn(filesystems).map((uuid) => namesIn(join(filesystems, uuid, "devices")));
}

/** The name of the device that a path under /dev, or a symlink there, leads to. */
export function nodeOfDevicePath(folders: SystemFolders, path: string): string | undefined {
  if (!path.startsWith("/dev/")) return undefined;
  const here = join(folders.dev, path.slice("/dev/".length));
  const name = basename(resolvedPath(here) ?? here);
  if (readText(join(nodeFolder(folders, name), "dev")) !== undefined) return name;
  // Without udev the name of a mapped device is a node itself, and no link.
  const names = path.startsWith("/dev/mapper/") ? namesIn(join(folders.sys, "class/block")) : [];
  return names.find((one) => readText(join(nodeFolder(folders, one), "dm/name")) === basename(path));
}

/** The file or device behind a loop device. */
export function backingFile(folders: SystemFolders, name: string): string | undefined {
  return readText(join(nodeFolder(folders, name), "loop/backing_file"));
}

/** The names of the loop devices over a block device: in sysfs they are no holders of it. */
export function loopsOver(folders: SystemFolders, name: string): string[] {
  return namesIn(join(folders.sys, "class/block")).filter((loop) => {
    // The kernel tells so that the name was given to another node since.
    const backing = backingFile(folders, loop)?.replace(/ \(deleted\)$/, "");
    return backing !== undefined && (nodeOfDevicePath(folders, backing) ?? nodeOfNumber(folders, backing)) === name;
  });
}

/** The name of the device of a node that is elsewhere than under /dev. */
function nodeOfNumber(folders: SystemFolders, path: string): string | undefined {
  const stats = statSync(join(folders.root, path), { throwIfNoEntry: false });
  if (stats?.isBlockDevice() !== true) return undefined;
  const number = deviceNumber(stats);
  return namesIn(join(folders.sys, "class/block")).find(
    (name) => readText(join(nodeFolder(folders, name), "dev")) === number,
  );
}

/** `8:16` for an open or named device. */
export function deviceNumber({ rdev }: Pick<Stats, "rdev">): string {
  const major = (rdev >>> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}

/** Finds the kind of a stacked device, and the name by which its owner knows it. */
export function describeHolder(folders: SystemFolders, name: string): { kind: HolderKind; name: string } {
  const folder = nodeFolder(folders, name);
  const mapped = readText(join(folder, "dm/name"));
  if (mapped !== undefined) return { kind: mapperKind(readText(join(folder, "dm/uuid")) ?? ""), name: mapped };
  if (namesIn(join(folder, "md")).length > 0) return { kind: "md", name };
  return { kind: namesIn(join(folder, "bcache")).length > 0 ? "bcache" : "holder", name };
}

function mapperKind(uuid: string): HolderKind {
  if (uuid.startsWith("LVM-")) return "lvm";
  if (uuid.startsWith("CRYPT-")) return "crypt";
  return uuid.startsWith("mpath-") ? "multipath" : "holder";
}
