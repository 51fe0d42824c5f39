import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { identityFrom } from "../../../src/base/identity.ts";
import type { DiskLayout, Layout } from "../../../src/layout/layout.ts";
import type { FilesystemRequest } from "../../../src/layout/request.ts";
import { solveLayout } from "../../../src/devices/layout/solve.ts";
import { MiB } from "../../../src/base/units.ts";

/** Solves a tree whose filesystems need so many MiB, by mount point; others need one. */
export function solveTree(tree: object, needs: Readonly<Record<string, number>> = {}): Layout {
  const needed = ({ mountpoints }: FilesystemRequest) => (needs[mountpoints[0] ?? ""] ?? 1) * MiB;
  return solveLayout(readDeviceTree(tree), { identity: identityFrom("a seed"), needs: needed });
}

/** Solves one disk of a given size. */
export function solveDisk(imageSize: string, content: object, disk: object = {}): DiskLayout {
  return solveTree({ disk: { main: { imageSize, content, ...disk } } }).disks[0] as DiskLayout;
}

/** The first and the last sector of each partition, in the order of their numbers. */
export function spansOf({ table }: DiskLayout): [number, number][] {
  return (table?.partitions ?? []).map(({ first, last }) => [first, last]);
}

export function ext4(mountpoint: string): object {
  return { type: "filesystem", format: "ext4", mountpoint };
}
