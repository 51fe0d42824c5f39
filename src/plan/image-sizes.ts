import type { DeviceTree } from "../devices/device-tree.ts";
import { MkimageError } from "../errors.ts";

/**
 * A device tree with other sizes for its disks: `SIZE` for all of them, `DISK=SIZE` for one. The last one wins.
 *
 * @throws MkimageError BAD_REQUEST for a disk that the tree does not have.
 */
export function withImageSizes(tree: DeviceTree, sizes: readonly string[]): DeviceTree {
  const disk = { ...tree.disk };
  for (const text of sizes) {
    const [, name, imageSize = ""] = /^(?:(.+)=)?([^=]*)$/.exec(text) ?? [];
    for (const key of name === undefined ? Object.keys(disk) : [name]) {
      const node = disk[key];
      if (node === undefined) throw unknownDisk(key, Object.keys(disk));
      disk[key] = { ...node, imageSize };
    }
  }
  return { ...tree, disk };
}

function unknownDisk(name: string, known: readonly string[]): MkimageError {
  return new MkimageError("BAD_REQUEST", `imageSize: the device tree has no disk ${JSON.stringify(name)}`, {
    hint: `its disks are ${known.join(", ")}`,
  });
}
