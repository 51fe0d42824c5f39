import type { Bytes, Sectors } from "../base/units.ts";

/** The solved geometry of a device tree: plain data, nothing left to decide. */
export interface Layout {
  readonly disks: readonly DiskLayout[];
  /** The groups of several members: volume groups, arrays, pools. Each comes after those that its members lie on. */
  readonly groups: readonly GroupLayout[];
  /** Every filesystem in the tree, wherever it lies: first those of the disks, then those of the groups. */
  readonly filesystems: readonly FilesystemLayout[];
}

/** The content of a block device: a table, or content without a table, or nothing. */
export interface DeviceLayout {
  readonly table: TableLayout | null;
  readonly content: ContentLayout | null;
}

/** One disk or image. */
export interface DiskLayout extends DeviceLayout {
  readonly name: string;
  /** The name of the image file, without its ending. */
  readonly imageName: string;
  /** The disk's path in the installed system, when the tree gives one. */
  readonly device: string | null;
  readonly sectorSize: 512 | 4096;
  readonly size: Bytes;
}

export type TableLayout = GptLayout | MsdosLayout;

export interface GptLayout {
  readonly kind: "gpt";
  /** The GUID of the disk, in capitals. */
  readonly guid: string;
  readonly firstUsable: Sectors;
  readonly lastUsable: Sectors;
  /** In the order of their numbers. */
  readonly partitions: readonly GptPartitionLayout[];
  /** Where the MBR's entry that protects the GPT stands when the MBR is hybrid; otherwise `null`. */
  readonly hybridMbr: "protective-first" | "protective-last" | null;
}

interface PartitionGeometry {
  /** Where the partition stands in the device tree: `disk.main.content.partitions.root`. */
  readonly path: string;
  /** Its key in the tree; in a list, its name or its number. */
  readonly key: string;
  readonly number: number;
  readonly first: Sectors;
  /** The last sector that belongs to it. */
  readonly last: Sectors;
  /** `first` is a multiple of this. */
  readonly alignment: Sectors;
  readonly content: ContentLayout | null;
}

export interface GptPartitionLayout extends PartitionGeometry {
  /** The name in the table: at most 36 UTF-16 units. */
  readonly name: string;
  /** The GUID of the type, in capitals. */
  readonly type: string;
  /** The GUID of the partition, in capitals. */
  readonly guid: string;
  /** The bits that are set, ascending. */
  readonly attributes: readonly number[];
  readonly hybrid: HybridEntry | null;
}

export interface HybridEntry {
  /** The type byte; `null`: the one that sgdisk derives from the GUID. */
  readonly type: number | null;
  readonly active: boolean;
}

export interface MsdosLayout {
  readonly kind: "msdos";
  /** 32 bits. */
  readonly signature: number;
  readonly partitions: readonly MsdosPartitionLayout[];
}

export interface MsdosPartitionLayout extends PartitionGeometry {
  readonly role: "primary" | "extended" | "logical";
  /** The type byte. */
  readonly type: number;
  readonly active: boolean;
}

export type PartitionLayout = GptPartitionLayout | MsdosPartitionLayout;

export type ContentLayout = FilesystemLayout | SwapLayout | ContainerLayout | MemberLayout;

/** Where the bytes of a node lie in an image, when nothing lies between it and the disk. */
export interface Place {
  readonly disk: string;
  readonly offset: Bytes;
}

interface ContentGeometry {
  /** Where the node stands in the device tree. */
  readonly path: string;
  readonly size: Bytes;
  /** `null` inside a container such as LUKS or LVM. */
  readonly place: Place | null;
}

export interface FilesystemLayout extends ContentGeometry {
  readonly kind: "filesystem";
  /** `ext4`, `vfat`, … */
  readonly format: string;
  readonly label: string | null;
  /** As blkid prints it: lower-case, or `ABCD-1234` for FAT. `null`: its program draws it. */
  readonly uuid: string | null;
  readonly mountpoint: string | null;
  /** Every place where it or one of its subvolumes or datasets is mounted. */
  readonly mountpoints: readonly string[];
  readonly mountOptions: readonly string[];
  /** Further arguments of mkfs. */
  readonly extraArgs: readonly string[];
}

interface SwapLayout extends ContentGeometry {
  readonly kind: "swap";
  readonly label: string | null;
  readonly uuid: string;
  readonly randomEncryption: boolean;
  /** Further arguments of mkswap. */
  readonly extraArgs: readonly string[];
}

/** A device behind a header: what is in it lies on no disk directly. */
export interface ContainerLayout extends ContentGeometry, DeviceLayout {
  readonly kind: "container";
  /** For people: `LUKS`. */
  readonly technology: string;
  /** The name of the opened container. */
  readonly name: string;
  readonly uuid: string;
  /** How far into the container its contents begin. */
  readonly headerSize: Bytes;
  /** Further arguments of its making. */
  readonly extraArgs: readonly string[];
}

export interface MemberLayout extends ContentGeometry {
  readonly kind: "member";
  /** The set of the device tree that the group is in. */
  readonly groupKind: string;
  /** The name of the group. */
  readonly group: string;
}

/** A group of several members: it is a block device, provides volumes, or holds a filesystem. */
export interface GroupLayout {
  /** The set of the device tree that it is in. */
  readonly kind: string;
  /** For people: `LVM`, `RAID 1`. */
  readonly technology: string;
  /** Where the group stands in the device tree. */
  readonly path: string;
  readonly name: string;
  /** The bytes that the group offers to its contents. */
  readonly size: Bytes;
  /** Where its members stand in the device tree. */
  readonly members: readonly string[];
  /** The content on it, where it is a block device itself. */
  readonly device: DeviceLayout | null;
  /** The filesystem that it is itself. */
  readonly filesystem: FilesystemLayout | null;
  /** In the order in which they are made. */
  readonly volumes: readonly VolumeLayout[];
  /** The bytes that no volume takes, where that is the difference of sizes. */
  readonly free: Bytes;
}

/** A block device that a group provides. */
export interface VolumeLayout {
  readonly path: string;
  readonly name: string;
  readonly size: Bytes;
  readonly content: ContentLayout | null;
  /** The volume of the same group that it takes its space from. */
  readonly inside: string | null;
  /** For people: `thin pool`; `null`: it is there for its content. */
  readonly purpose: string | null;
}
