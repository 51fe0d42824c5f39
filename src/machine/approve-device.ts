import { MkimageError } from "../base/errors.ts";
import type { Consent } from "./confirm.ts";
import type { Device, ProtectedPath } from "./device.ts";
import type { DevicePlace } from "./device-place.ts";
import { refusals, type DeviceFault, type WriteRequest } from "./rules.ts";

/** The write requested for a device, and the user's consent to it. */
export interface DeviceRequest extends WriteRequest, Consent {
  /** The device as the user gave it. */
  readonly path: string;
  /** Files that must not lie on it: the image, the store. */
  readonly protectedPaths?: readonly ProtectedPath[] | undefined;
}

/**
 * Looks at a device without touching it: everything about it, if nothing speaks against writing to it.
 *
 * @throws MkimageError REFUSED_DEVICE with every reason.
 */
export async function checkDevice(request: DeviceRequest, place: DevicePlace): Promise<Device> {
  const device = await place.inspect(request.path, request.protectedPaths);
  const faults = refusals(device, request);
  if (faults.length > 0) throw refusal(device.path, faults);
  return device;
}

function refusal(path: string, faults: readonly DeviceFault[]): MkimageError {
  const [first] = faults;
  if (first !== undefined && faults.length === 1)
    return new MkimageError("REFUSED_DEVICE", first.message, { hint: first.hint });
  return new MkimageError("REFUSED_DEVICE", `${path} cannot be written to, for ${faults.length} reasons`, {
    details: faults.map(({ message, hint }) => `${message} (${hint})`),
    hint: "nothing was written",
  });
}
