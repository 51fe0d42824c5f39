import type { DeviceImage } from "../image/image.ts";
import type { Device, ProtectedPath } from "./device.ts";
import { inspectDevice } from "./inspect-device.ts";
import { openDevice } from "./open-device.ts";
import { type DeviceReport, writeDevice, type DeviceWriteOptions } from "./write-device.ts";

/** A machine with a device that an image is written to: this one, or one that is reached over SSH. */
export interface DevicePlace {
  /**
   * Reads everything that is known about a block device, without writing to it.
   *
   * @throws MkimageError REFUSED_DEVICE when there is nothing at the path, or no block device; REMOTE_FAILED.
   */
  inspect(path: string, protectedPaths?: readonly ProtectedPath[]): Promise<Device>;
  /**
   * Writes an image to a device that was approved, and proves it: the first blocks are written last, when all else has
   * been flushed and read back.
   *
   * @throws MkimageError REFUSED_DEVICE when it is another device by now; as `writeDevice`; REMOTE_FAILED.
   */
  write(device: Device, image: DeviceImage, options: DeviceWriteOptions): Promise<DeviceReport>;
}

/** The machine that this program runs on. */
export const devicesHere: DevicePlace = {
  inspect: inspectDevice,
  write: async (device, image, options) => {
    await using open = await openDevice(device);
    return await writeDevice(open, image, options);
  },
};
