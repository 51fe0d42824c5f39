import type { DeviceTree } from "../../devices/device-tree.ts";
import { namedDisk } from "../../devices/tree/disk-names.ts";
import { MkimageError } from "../../base/errors.ts";
import type { InstallRequest } from "./install-request.ts";

/**
 * Where the user says that disks are, by the name that steps and layouts know them by, whichever name of a disk was given.
 *
 * @throws MkimageError BAD_REQUEST for disks that the tree does not have, or that are given twice.
 */
export function devicesByName(tree: DeviceTree, given: InstallRequest["disks"]): Record<string, string> {
  const devices: Record<string, string> = {};
  for (const [text, device] of given) {
    const [key, { name }] = namedDisk(tree, text, "--disk");
    if (Object.hasOwn(devices, name)) {
      throw new MkimageError("BAD_REQUEST", `--disk: ${key} is ${devices[name]} and ${device}`, {
        hint: "give each disk once",
      });
    }
    devices[name] = device;
  }
  return devices;
}
