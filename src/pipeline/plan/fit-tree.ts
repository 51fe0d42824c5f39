import type { DeviceTree } from "../../devices/device-tree.ts";
import { MkimageError } from "../../base/errors.ts";
import type { Bytes } from "../../base/units.ts";

/** The disk that a system is built straight onto. */
export interface DiskShape {
  readonly size: Bytes;
  readonly sectorSize: 512 | 4096;
}

/**
 * A device tree whose disk is this one, whatever size it was to have.
 *
 * @throws MkimageError BAD_REQUEST when it has several.
 */
export function fitTree(tree: DeviceTree, { size, sectorSize }: DiskShape): DeviceTree {
  const [entry, ...others] = Object.entries(tree.disk);
  if (entry !== undefined && others.length === 0) {
    const [key, node] = entry;
    return { ...tree, disk: { [key]: { ...node, imageSize: String(size), sectorSize } } };
  }
  throw new MkimageError("BAD_REQUEST", `a tree of ${others.length + 1} disks does not fit onto one`, {
    hint: "build image files, and write each of them with mkimage write",
  });
}
