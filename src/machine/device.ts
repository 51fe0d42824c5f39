import type { Bytes } from "../base/units.ts";

/** A user of a block device, or of a part of it. `device` is the kernel's name of the part in use: `sdb1`. */
export type DeviceUser =
  | { readonly kind: "mount"; readonly device: string; readonly mountPoint: string }
  | { readonly kind: "swap"; readonly device: string }
  | { readonly kind: "zfs"; readonly device: string; readonly pool: string }
  | { readonly kind: "group"; readonly device: string; readonly group: string }
  | { readonly kind: "loop"; readonly device: string; readonly name: string }
  | { readonly kind: HolderKind; readonly device: string; readonly name: string };

/** The kind of a kernel device that is stacked on another one. */
export type HolderKind = "lvm" | "crypt" | "multipath" | "md" | "bcache" | "holder";

/** A signature that wipefs finds: `ext4`, `gpt`, `LVM2_member`, `zfs_member`. A member's label is its group's name. */
export interface DeviceSignature {
  readonly device: string;
  readonly type: string;
  readonly label: string | undefined;
}

export interface DevicePartition {
  readonly name: string;
  readonly number: number;
  readonly offset: Bytes;
  readonly size: Bytes;
}

/** Something that must survive and lies on the device: the running system, the image, the Nix store. */
export interface ProtectedPath {
  readonly what: string;
  readonly path: string;
}

/** Everything that is known about a block device before it is opened. */
export interface Device {
  /** The machine that it is in; undefined: this one. */
  readonly machine?: string | undefined;
  /** As the user gave it. */
  readonly path: string;
  /** The kernel's name, as in /sys/class/block: `sdb`. */
  readonly name: string;
  /** `8:16` */
  readonly number: string;
  /** A number that the kernel never gives to two disks between two boots; absent before Linux 5.15. */
  readonly sequence: string | undefined;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  readonly size: Bytes;
  /** Logical sectors: 512 or 4096 bytes. */
  readonly sectorSize: Bytes;
  readonly readOnly: boolean;
  readonly canDiscard: boolean;
  /** The disk that this is a partition of. */
  readonly partitionOf: string | undefined;
  readonly partitions: readonly DevicePartition[];
  readonly signatures: readonly DeviceSignature[];
  readonly users: readonly DeviceUser[];
  readonly holds: readonly ProtectedPath[];
  /** Paths under /dev/disk/by-id that lead here. */
  readonly byIdPaths: readonly string[];
}
