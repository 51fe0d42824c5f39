import { MkimageError } from "../../base/errors.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { DiskNode } from "../types/disk/schema.ts";

/**
 * The disk that the user means by its key or its name, with its key.
 *
 * @param option names the option in errors: `--disk`.
 * @throws MkimageError BAD_REQUEST for a disk that the tree does not have.
 */
export function namedDisk({ disk }: DeviceTree, text: string, option: string): [key: string, node: DiskNode] {
  const disks = Object.entries(disk);
  const found = disks.find(([key]) => key === text) ?? disks.find(([, { name }]) => name === text);
  if (found !== undefined) return found;
  throw new MkimageError("BAD_REQUEST", `${option}: the device tree has no disk ${JSON.stringify(text)}`, {
    hint: `its disks are ${Object.keys(disk).join(", ")}`,
  });
}
