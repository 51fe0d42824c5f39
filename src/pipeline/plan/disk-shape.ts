import { MiB, roundDown, type Bytes } from "../../base/units.ts";
import type { Device } from "../../machine/device.ts";

/** A disk that a system is built straight onto. */
export interface DiskShape {
  readonly size: Bytes;
  readonly sectorSize: 512 | 4096;
}

/** A layout ends on a whole MiB, whatever the device has beyond it. */
export function shapeOf({ size, sectorSize }: Device): DiskShape {
  return { size: roundDown(size, MiB), sectorSize: sectorSize === 4096 ? 4096 : 512 };
}
