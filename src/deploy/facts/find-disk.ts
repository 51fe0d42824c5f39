import type { Device } from "../../machine/device.ts";
import type { KnownDisk, TargetFacts } from "./target-facts.ts";

/** The part of a machine's facts by which its disks are found. */
type DiskFacts = Pick<TargetFacts, "disks" | "diskPaths" | "rescue">;

/**
 * The disk that a path leads to on the machine: `/dev/sda`, or one of its links below /dev/disk. In the rescue system a path
 * leads where it led in the system before, so that the same command means the same disk: kernels name disks as they come, and
 * links are made by programs that the rescue system does not have. Pure.
 */
export function findDisk(facts: DiskFacts, path: string): Device | undefined {
  const { disks, diskPaths } = facts;
  const before = knownBefore(facts, path);
  if (before !== undefined) {
    const found = disks.filter((disk) => isSame(disk, before));
    return found.length === 1 ? found[0] : undefined;
  }
  const name = diskPaths.get(path) ?? /^\/dev\/([^/]+)$/.exec(path)?.[1];
  return disks.find((disk) => disk.name === name);
}

/** A path that leads to a disk, as `findDisk` takes it. Pure. */
export function pathOfDisk({ rescue }: Pick<TargetFacts, "rescue">, disk: Device): string {
  const before = rescue?.disks.find((known) => isSame(disk, known));
  return before?.paths[0] ?? `/dev/${disk.name}`;
}

/** The disk that a path led to before the rescue system was started. Pure. */
export function knownBefore({ rescue }: Pick<TargetFacts, "rescue">, path: string): KnownDisk | undefined {
  return rescue?.disks.find(({ paths }) => paths.includes(path));
}

/** Partitions tell nothing any more: an earlier run may have written to the disk. */
function isSame(disk: Device, known: KnownDisk): boolean {
  return disk.size === known.size && disk.sectorSize === known.sectorSize && disk.serial === known.serial;
}
