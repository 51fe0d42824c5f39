import type { Bytes } from "../base/units.ts";
import type { DeviceTree } from "./device-tree.ts";

/** Disks as they are, read as the tree that would make them. */
export interface FoundDisks {
  /** Nodes have the names that the disks give them: labels of partitions, names of groups and volumes. */
  readonly tree: DeviceTree;
  /** The key of each disk in that tree, in the order in which the disks were asked for. */
  readonly diskKeys: readonly string[];
  /** By the path of a node in that tree: `disk.main.content.partitions.root.content`. */
  readonly nodes: ReadonlyMap<string, FoundNode>;
  /** Faults and facts that no tree can say. */
  readonly unexpressed: readonly Unexpressed[];
}

/** Facts of a node beyond those that a tree says. */
export interface FoundNode {
  /** The block device that it fills, or is: `/dev/sda1`; undefined for what is no device (a subvolume, a dataset). */
  readonly device: string | undefined;
  readonly size: Bytes;
  /** Of a device. */
  readonly sectorSize?: 512 | 4096 | undefined;
  /** Of a partition: its first byte on its disk, and its number. */
  readonly place?: { readonly offset: Bytes; readonly number: number } | undefined;
  readonly uuid?: string | undefined;
  readonly label?: string | undefined;
  /** Of a filesystem or a group: bytes in use, and the smallest size that it can be made, where that is known. */
  readonly used?: Bytes | undefined;
  readonly smallest?: Bytes | undefined;
  /** Of a filesystem, a container, a physical volume: the bytes of its device that it takes itself. */
  readonly extent?: Bytes | undefined;
  /** Of a volume group: the size of its extents. */
  readonly extentSize?: Bytes | undefined;
  /** Of a physical volume that is in a group. */
  readonly extents?: PhysicalExtents | undefined;
  /** Of a filesystem: its journal holds what is not in its place yet, its size perhaps. */
  readonly hasJournal?: true | undefined;
  /** Of a filesystem: why its size is never changed, though it is one of those that change it. */
  readonly sizeFault?: string | undefined;
  /** Where it is mounted; `swap` where it is swapped to. */
  readonly usedAt: readonly string[];
  /** Of a group: members that it lacks. */
  readonly missing?: number | undefined;
  /** Of a group: the names of volumes that no tree has a word for. */
  readonly others?: readonly string[] | undefined;
  /** Of a volume: the names of those that are made of it: the thin ones of a pool, its snapshots. */
  readonly carries?: readonly string[] | undefined;
  /** Of a device without content: what is on it all the same, which no node says. */
  readonly holds?: Holding | undefined;
  /** Why nothing of it is changed: what it is used through, unseen by the filesystem's own mounts. */
  readonly held?: string | undefined;
  /** Of a partition table: what a change of it would not keep. */
  readonly unusual?: readonly string[] | undefined;
  /** Why it is not destroyed, even if it is named. */
  readonly obstacle?: string | undefined;
  /** Why its path may mean another node when the disks are read again, so that it is not destroyed by that name. */
  readonly doubt?: string | undefined;
}

/** The extents of a physical volume: the first byte of the first, the bytes of each, and how many LVM counts. */
export interface PhysicalExtents {
  readonly start: Bytes;
  readonly size: Bytes;
  readonly count: number;
}

/** Bytes of somebody's on a device that has no content in a tree. */
export interface Holding {
  /** For people: `data without a mark`. */
  readonly what: string;
  /** Of a device of a filesystem on several: what that is. Its node is at another device. */
  readonly format?: string;
  readonly isUnmarked?: true;
  /** The memory of a system that hibernates, which takes what is on its disks for unchanged. */
  readonly isHibernation?: true;
}

/** Something on the disks that the schema has no word for. */
export interface Unexpressed {
  /** The nearest node's path. */
  readonly path: string;
  readonly reason: string;
  /** It is damage, and no lack of words. */
  readonly isFault?: true;
}
