import { readFileSync } from "node:fs";
import type { DeviceTree } from "../devices/device-tree.ts";
import { readDeviceTree } from "../devices/read.ts";
import { MkimageError } from "../errors.ts";

/**
 * The device tree in a JSON file.
 *
 * @throws MkimageError BAD_REQUEST when it cannot be read, or with every fault of the tree.
 */
export function readTreeFile(path: string): DeviceTree {
  return readDeviceTree(parse(path));
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new MkimageError("BAD_REQUEST", `the device tree ${path} cannot be read: ${(cause as Error).message}`, {
      hint: "--devices takes JSON: the set under disko.devices, as `nix eval --json` prints it",
      cause,
    });
  }
}
