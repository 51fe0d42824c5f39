import type { DeviceTree } from "../../devices/device-tree.ts";
import type { Request } from "../../request/schema.ts";
import { diskKey } from "../../devices/tree/disk-names.ts";

/**
 * Returns a device tree with other sizes for its disks: for one that is named, or else for all. The last one wins.
 *
 * @throws MkimageError BAD_REQUEST for a disk that the tree does not have.
 */
export function withImageSizes(tree: DeviceTree, sizes: Request["imageSize"]): DeviceTree {
  const disk = { ...tree.disk };
  for (const { disk: name, imageSize } of sizes) {
    for (const key of name === undefined ? Object.keys(disk) : [diskKey(tree, name, "--image-size")]) {
      const node = disk[key];
      if (node !== undefined) disk[key] = { ...node, imageSize };
    }
  }
  return { ...tree, disk };
}
