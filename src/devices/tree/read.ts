import { readOnce } from "../../base/schema/read-once.ts";
import { MkimageError } from "../../base/errors.ts";
import { faultsOf } from "../../base/schema/faults.ts";
import { type DeviceTree, deviceTree } from "../device-tree.ts";
import { keysAt } from "../schema/keys-at.ts";

/**
 * Reads a device tree from plain JSON: the set under `disko.devices`, or the whole `{"disko": {"devices": …}}`.
 *
 * @throws MkimageError BAD_REQUEST with every fault, a line each: its path, what is legal, the key that was meant.
 */
export function readDeviceTree(json: unknown): DeviceTree {
  const input = devicesOf(json);
  const parsed = deviceTree.safeParse(input, readOnce);
  if (parsed.success) return parsed.data;
  const faults = faultsOf(parsed.error, input, (path) => keysAt(deviceTree, input, path));
  throw new MkimageError(
    "BAD_REQUEST",
    `the device tree has ${faults.length === 1 ? "one fault" : `${faults.length} faults`}`,
    {
      details: faults,
      hint: "docs/devices.md lists every type and its options",
    },
  );
}

/** The set under `disko.devices`, where it is not the whole already. */
export function devicesOf(json: unknown): unknown {
  const disko = property(json, "disko");
  return disko === undefined ? json : (property(disko, "devices") ?? {});
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
