import type { DeviceTree } from "../../devices/device-tree.ts";
import { MkimageError } from "../../base/errors.ts";
import type { DiskShape } from "./disk-shape.ts";

/**
 * A device tree whose disks are these, whatever sizes they were to have.
 *
 * @param shapes one for each disk, in the order of the tree.
 * @throws MkimageError BAD_REQUEST when it has more of them, or fewer.
 */
export function fitTree(tree: DeviceTree, shapes: readonly DiskShape[]): DeviceTree {
  const entries = Object.entries(tree.disk);
  if (entries.length !== shapes.length) {
    const one = shapes.length === 1 ? "one" : `${shapes.length}`;
    throw new MkimageError("BAD_REQUEST", `a tree of ${entries.length} disks does not fit onto ${one}`, {
      hint: "build image files, and write each of them with mkimage write; or let mkimage deploy write all disks of a machine",
    });
  }
  const disk = entries.map(([key, node], index) => {
    const { size, sectorSize } = shapes[index] as DiskShape;
    return [key, { ...node, imageSize: String(size), sectorSize }] as const;
  });
  return { ...tree, disk: Object.fromEntries(disk) };
}
