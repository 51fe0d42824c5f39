import type { DeviceTree } from "../../devices/device-tree.ts";
import { diskKey } from "../../devices/tree/disk-names.ts";

/**
 * A device tree with other sizes for its disks: `SIZE` for all of them, `DISK=SIZE` for one. The last one wins.
 *
 * @throws MkimageError BAD_REQUEST for a disk that the tree does not have.
 */
export function withImageSizes(tree: DeviceTree, sizes: readonly string[]): DeviceTree {
  const disk = { ...tree.disk };
  for (const text of sizes) {
    const [, name, imageSize = ""] = /^(?:(.+)=)?([^=]*)$/.exec(text) ?? [];
    for (const key of name === undefined ? Object.keys(disk) : [diskKey(tree, name, "--image-size")]) {
      const node = disk[key];
      if (node !== undefined) disk[key] = { ...node, imageSize };
    }
  }
  return { ...tree, disk };
}
