import type { BcachefsFilesystemNode } from "../types/bcachefs-filesystem/schema.ts";
import type { BtrfsNode } from "../types/btrfs/schema.ts";
import { contentsOf } from "./contents.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { FilesystemNode } from "../types/filesystem/schema.ts";
import type { NodevNode } from "../types/nodev/schema.ts";
import { isMountable } from "../types/zfs-fs/schema.ts";
import type { ZpoolNode } from "../types/zpool/schema.ts";

/** Something of a device tree that is mounted. */
export interface TreeMount {
  /** Where in the system. */
  readonly mountpoint: string;
  /** Where what is mounted stands in the tree; with the subvolume or the dataset, where it is one. */
  readonly path: string;
}

/** Every place where something of a tree is mounted, in the order of the tree, each once. */
export function mountpointsOf(tree: DeviceTree): string[] {
  return [...new Set(mountsOf(tree).map(({ mountpoint }) => mountpoint))];
}

/** All that is mounted of a tree: filesystems at any depth, subvolumes, datasets, and what needs no disk. */
export function mountsOf(tree: DeviceTree): TreeMount[] {
  return [...filesystemMountsOf(tree), ...nodevMountsOf(tree)];
}

/** What is mounted of the filesystems on the disks of a tree. */
export function filesystemMountsOf(tree: DeviceTree): TreeMount[] {
  const filesystems = [
    ...contentsOf(tree).flatMap(({ node, path }) => (isFilesystem(node) ? [{ node, path }] : [])),
    ...Object.entries(tree.zpool).map(([key, node]) => ({ node, path: `zpool.${key}` })),
    ...Object.entries(tree.bcachefs_filesystems).map(([key, node]) => ({ node, path: `bcachefs_filesystems.${key}` })),
  ];
  return filesystems.flatMap(({ node, path }) => mountsOfFilesystem(node, path));
}

/** What is mounted of a tree without a disk, with its node. */
export function nodevMountsOf({ nodev }: DeviceTree): (TreeMount & { readonly node: NodevNode })[] {
  return Object.entries(nodev).map(([key, node]) => {
    return { mountpoint: node.mountpoint ?? key, path: `nodev.${key}`, node };
  });
}

/** A node that is one filesystem, with all that can be mounted of it. */
type AnyFilesystemNode = FilesystemNode | BtrfsNode | BcachefsFilesystemNode | ZpoolNode;

/** Where a filesystem, its subvolumes and its datasets are mounted. */
export function mountsOfFilesystem(node: AnyFilesystemNode, path: string): TreeMount[] {
  switch (node.type) {
    case "filesystem":
      return mountOf(node, path);
    case "btrfs":
    case "bcachefs_filesystem":
      return [...mountOf(node, path), ...mountsIn(node.subvolumes, `${path}.subvolumes`)];
    case "zpool": {
      const own = isMountable(node.rootFsOptions) ? mountOf(node, path) : [];
      return [...own, ...mountsIn(mountedDatasets(node), `${path}.datasets`)];
    }
  }
}

function isFilesystem(node: { readonly type: string }): node is FilesystemNode | BtrfsNode {
  return node.type === "filesystem" || node.type === "btrfs";
}

interface Mountable {
  readonly mountpoint: string | null;
}

function mountOf({ mountpoint }: Mountable, path: string): TreeMount[] {
  return mountpoint === null ? [] : [{ mountpoint, path }];
}

function mountsIn(set: Readonly<Record<string, Mountable>>, path: string): TreeMount[] {
  return Object.entries(set).flatMap(([key, node]) => mountOf(node, `${path}.${key}`));
}

/** ZFS mounts no dataset whose own property says so. */
function mountedDatasets({ datasets }: ZpoolNode): Record<string, Mountable> {
  const mounted = Object.entries(datasets).flatMap(([key, node]) =>
    node.type === "zfs_fs" && isMountable(node.options) ? [[key, node] as const] : [],
  );
  return Object.fromEntries(mounted);
}
