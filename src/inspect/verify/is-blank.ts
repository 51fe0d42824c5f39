import type { DiskBytes } from "../../image/disk-bytes.ts";
import type { Bytes } from "../../base/units.ts";

/** Whether there are only zeros from a place on, for a length that lies inside. */
export function isBlank(bytes: DiskBytes, at: Bytes, length: Bytes): boolean {
  return bytes.read(at, length).every((byte) => byte === 0);
}
