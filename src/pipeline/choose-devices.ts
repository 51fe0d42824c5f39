import type { DeviceTree } from "../devices/device-tree.ts";
import type { Request } from "../request/schema.ts";
import type { Configuration } from "../nix/configuration.ts";
import { type ReadDevices, readConfiguredDevices, readDevices } from "../request/read-devices.ts";
import type { BuildContext } from "./context.ts";

const ownDevicesNote = "the disks are those of the system's own disko.devices; --partition gives it others";

/**
 * The device tree of a request: the one in its file, else the system's own `disko.devices` where no partition table is asked
 * for; `undefined` where there is neither, and a preset serves.
 */
export async function chooseDevices(
  request: Request,
  configuration: Configuration | undefined,
  { signal, reporter }: BuildContext,
): Promise<DeviceTree | undefined> {
  const isOwn = request.devices === undefined;
  const found = isOwn ? await ownDevices(request, configuration, signal) : await fileDevices(request, signal);
  if (found !== undefined && isOwn) reporter.note(ownDevicesNote);
  found?.notes.forEach((note) => reporter.note(note));
  return found?.tree;
}

function fileDevices({ devices = "", arg, argstr, lib }: Request, signal: AbortSignal): Promise<ReadDevices> {
  const [expressions, strings] = [Object.fromEntries(arg), Object.fromEntries(argstr)];
  return readDevices({ kind: "file", file: devices, lib, expressions, strings }, { signal });
}

async function ownDevices(
  { partition, onlyNixStore }: Request,
  configuration: Configuration | undefined,
  signal: AbortSignal,
): Promise<ReadDevices | undefined> {
  if (configuration === undefined || partition !== undefined || onlyNixStore) return undefined;
  return readConfiguredDevices(configuration, { signal });
}
