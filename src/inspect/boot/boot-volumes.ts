import type { BootVolume } from "../../bootloaders/menu/boot-volume.ts";
import type { Volume } from "../read-disk.ts";

/** The filesystems of a disk that could be read. */
export function bootVolumes(volumes: readonly Volume[]): BootVolume[] {
  return volumes.flatMap(({ filesystem, signature, partition }) => {
    if (filesystem === null) return [];
    const { uuid, label, type } = signature;
    const name = partition === null ? "the disk" : `partition ${partition.number}`;
    const number = partition?.number ?? null;
    return [{ root: filesystem.root, ignoresCase: type === "vfat", uuid, label, partition: number, name }];
  });
}
