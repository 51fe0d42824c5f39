import type { Bytes, Sectors } from "../../base/units.ts";
import type { TableFacts } from "../../partitions/table-facts.ts";
import type { Tool } from "../../runtime/tools.ts";

/** Block devices as they were looked at, with what stands on them: on a machine, or in images. */
export interface StorageFacts {
  /** The names of the disks that were asked for. */
  readonly disks: readonly string[];
  /** By name: those disks, and what stands on them. */
  readonly devices: ReadonlyMap<string, BlockFacts>;
  /** Where the root of the system that is on them is mounted: `/`, `/mnt`. */
  readonly systemRoot: string;
  /** The fstab of that system, as far as there is one. */
  readonly fstab: readonly FstabLine[];
}

/** A line of an fstab. */
export interface FstabLine {
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** One block device. */
export interface BlockFacts {
  /** The kernel's name, `sda1`; of a part of an image, what people call it. */
  readonly name: string;
  /** `/dev/sda1`, `/dev/mapper/vg-root`; `undefined` in an image. */
  readonly path: string | undefined;
  /** Its paths under `/dev/disk/by-id`, which stay when the kernel gives other names. */
  readonly byIdPaths: readonly string[];
  readonly size: Bytes;
  readonly sectorSize: Bytes;
  readonly mark: BlockMark;
  readonly table: TableFacts | null;
  /** The used entries of the first sector: those of a hybrid MBR besides the one that protects a GPT. */
  readonly mbr: readonly MbrPartition[];
  /** Where there is neither a mark nor a table: whether its first or its last MiB has other bytes than zeros. */
  readonly hasBytes?: boolean;
  /** The devices of its partitions, and where they are. */
  readonly partitions: readonly PartitionDevice[];
  /** The names of the devices that stand on it directly: an opened container, an array, volumes. */
  readonly above: readonly string[];
  /** The names of the loop devices over it, and of those over the disk of a partition. */
  readonly loops?: readonly string[];
  /** The names of those that it stands on. */
  readonly below: readonly string[];
  /** Of a device of the device mapper. */
  readonly mapped: { readonly name: string; readonly uuid: string } | null;
  readonly uses: readonly BlockUse[];
  /** The answers of programs, by the names of the questions. */
  readonly answers: Readonly<Record<string, DeviceAnswer>>;
  /** Why some of it could not be read, and what is wrong with its table. */
  readonly faults: readonly string[];
  /** Of these, those for which its table is not to be trusted: more than a backup that is lost or elsewhere. */
  readonly damage?: readonly string[];
  /** Parts of its table that would be lost if that were written anew. */
  readonly unusual?: readonly string[];
}

/** The device of a partition: its name, and its place on the disk. */
interface PartitionDevice {
  readonly number: number;
  readonly name: string;
  readonly offset: Bytes;
  readonly size: Bytes;
}

/** The marks that blkid finds. */
export interface BlockMark {
  /** `ext4`, `vfat`, `crypto_LUKS`, `LVM2_member`; `null`: nothing that it knows. */
  readonly type: string | null;
  /** `FAT32`, `2` */
  readonly version: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  /** Where there are marks of several things, and none of them counts: all of them. */
  readonly rivals: readonly string[];
}

/** An entry of an MBR. */
export interface MbrPartition {
  readonly type: number;
  readonly active: boolean;
  readonly first: Sectors;
  readonly count: Sectors;
}

/** A mount of it, or swapping to it. */
export type BlockUse =
  | { readonly kind: "swap"; readonly priority: number }
  | {
      /** A file of its filesystem that is swapped to. */
      readonly kind: "swap file";
      /** As for a mount: what is mounted where the file is. */
      readonly root: string;
      /** The path of the file in that. */
      readonly path: string;
      readonly size: Bytes;
      readonly priority: number;
    }
  | {
      readonly kind: "mount";
      readonly mountPoint: string;
      /** The folder or the subvolume of it that is mounted: `/`. */
      readonly root: string;
      readonly options: readonly string[];
      /** Bytes that are used, as the mounted filesystem counts. */
      readonly used: Bytes | undefined;
    };

/** The output of a program, or why there is none. */
export type DeviceAnswer = { readonly text: string } | { readonly fault: string };

/** A program that tells more of a device, and writes nothing. */
export interface DeviceQuestion {
  readonly tool: Tool;
  readonly argv: readonly string[];
}
