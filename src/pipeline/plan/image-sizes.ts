import type { DeviceTree } from "../../devices/device-tree.ts";
import type { Request } from "../../request/schema.ts";
import { namedDisk } from "../../devices/tree/disk-names.ts";

/**
 * Returns a device tree with other sizes for its disks: for one that is named, or else for all. The last one wins.
 *
 * @throws MkimageError BAD_REQUEST for a disk that the tree does not have.
 */
export function withImageSizes(tree: DeviceTree, sizes: Request["imageSize"]): DeviceTree {
  const disk = { ...tree.disk };
  for (const { disk: name, imageSize } of sizes) {
    const meant = name === undefined ? Object.entries(disk) : [namedDisk(tree, name, "--image-size")];
    for (const [key, node] of meant) disk[key] = { ...node, imageSize };
  }
  return { ...tree, disk };
}
