import { purposeOf } from "../purposes.ts";
import type { ReadDisk, Volume } from "../read-disk.ts";

/** A volume, and what the disks of a machine call it. */
export interface VolumeOfDisk extends Volume {
  /** For people: `partition 2`, with the image's name where there are several. */
  readonly name: string;
  /** The UUID by which `PARTUUID=` names it. */
  readonly partitionUuid: string | null;
}

/** The volumes of all disks of a machine. */
export function volumesOf(disks: readonly ReadDisk[]): VolumeOfDisk[] {
  return disks.flatMap((disk) => {
    const prefix = disks.length > 1 ? `${disk.image.name}: ` : "";
    return disk.volumes.map((volume) => ({
      ...volume,
      name: `${prefix}${subjectOf(volume)}`,
      partitionUuid: partitionUuidOf(volume, disk),
    }));
  });
}

/** Names a volume as the subject of a check. */
export function subjectOf({ partition }: Pick<Volume, "partition">): string {
  return partition === null ? "disk" : `partition ${partition.number}`;
}

/** The purposes of partitions that hold no filesystem. */
const withoutFilesystem = new Set(["BIOS boot", "PReP boot", "reserved", "protective", "swap"]);

/** Whether a filesystem could be expected where nothing that is known was found. */
export function isBlank({ partition, signature, filesystem, fault }: Volume): boolean {
  if (signature.type !== null || filesystem !== null || fault !== null) return false;
  return partition === null || !withoutFilesystem.has(purposeOf(partition.type));
}

/** Whether it holds something that we do not read: another filesystem, or layers with filesystems in them. */
export function isOpaque({ signature, filesystem }: Volume): boolean {
  return signature.type !== null && filesystem === null && signature.type !== "swap";
}

/** Whether what it holds has names of its own. */
export function isContainer({ signature }: Volume): boolean {
  return /^(crypto_LUKS|bcache|zfs_member|BitLocker|.*_raid_member|LVM\d_member)$/.test(signature.type ?? "");
}

/** An MBR's partitions are called by its signature and their number. Source: Linux, block/partitions/msdos.c. */
function partitionUuidOf({ partition }: Volume, { table }: ReadDisk): string | null {
  if (partition === null || table === null) return null;
  if ("guid" in partition) return partition.guid;
  if (table.kind !== "msdos") return null;
  return `${table.signature.toString(16).padStart(8, "0")}-${partition.number.toString(16).padStart(2, "0")}`;
}
