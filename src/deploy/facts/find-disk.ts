import type { Device } from "../../machine/device.ts";
import type { TargetFacts } from "./target-facts.ts";

/** The disk that a path leads to on the machine: `/dev/sda`, or one of its links below /dev/disk. Pure. */
export function findDisk({ disks, diskPaths }: TargetFacts, path: string): Device | undefined {
  const name = diskPaths.get(path) ?? /^\/dev\/([^/]+)$/.exec(path)?.[1];
  return disks.find((disk) => disk.name === name);
}
