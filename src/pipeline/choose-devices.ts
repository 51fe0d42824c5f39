import type { DeviceTree } from "../devices/device-tree.ts";
import type { Request } from "../request/schema.ts";
import type { Configuration } from "../nix/configuration.ts";
import type { NixOptions } from "../nix/nix.ts";
import { devicesOfSystem } from "../request/read-devices.ts";
import type { BuildContext } from "./context.ts";

const ownDevicesNote = "the disks are those of the system's own disko.devices; --partition gives it others";

/**
 * The device tree of a request: the one in its file, else the system's own `disko.devices` where neither a partition table nor
 * an image variant is asked for; `undefined` where there is neither, and a preset serves.
 */
export async function chooseDevices(
  request: Request,
  configuration: Configuration | undefined,
  reporter: BuildContext["reporter"],
  options: NixOptions,
): Promise<DeviceTree | undefined> {
  const { devices, arg, argstr, lib } = request;
  const [expressions, strings] = [Object.fromEntries(arg), Object.fromEntries(argstr)];
  const asked = { devices, lib, expressions, strings };
  const found = await devicesOfSystem(asked, wantsOwnDisks(request) ? configuration : undefined, options);
  if (found !== undefined && devices === undefined) reporter.note(ownDevicesNote);
  found?.notes.forEach((note) => reporter.note(note));
  return found?.tree;
}

/** Whether the disks of a request are those of the system's own `disko.devices`, where it has some. */
export function wantsOwnDisks({ devices, partition, variant, onlyNixStore }: Request): boolean {
  return devices === undefined && partition === undefined && variant === undefined && !onlyNixStore;
}
