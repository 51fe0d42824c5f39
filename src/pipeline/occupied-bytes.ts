import { MiB, type Bytes } from "../base/units.ts";
import type { ImagePlan } from "./plan/image-plan.ts";

/** Bytes that a sparse file of a planned image occupies on this machine, partition tables and rounding included. */
export function occupiedBytes(plan: ImagePlan): Bytes {
  const filesystems = plan.filesystems.reduce((sum, { plan: { size, freeBytes } }) => sum + size - freeBytes, 0);
  return filesystems + 2 * MiB;
}
