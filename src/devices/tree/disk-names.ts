import { MkimageError } from "../../base/errors.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { DiskNode } from "../types/disk/schema.ts";

/** The name by which layouts, labels and members speak of a disk. */
export function diskName(key: string, { name }: Pick<DiskNode, "name">): string {
  return name ?? key.replaceAll("/", "_");
}

/**
 * The key of the disk that the user means by its key or its name.
 *
 * @param option names the option in errors: `--disk`.
 * @throws MkimageError BAD_REQUEST for a disk that the tree does not have.
 */
export function diskKey({ disk }: DeviceTree, text: string, option: string): string {
  const found = Object.hasOwn(disk, text)
    ? text
    : Object.entries(disk).find(([key, node]) => diskName(key, node) === text)?.[0];
  if (found !== undefined) return found;
  throw new MkimageError("BAD_REQUEST", `${option}: the device tree has no disk ${JSON.stringify(text)}`, {
    hint: `its disks are ${Object.keys(disk).join(", ")}`,
  });
}
