import type { Bytes } from "../../../base/units.ts";
import { logicalExtents } from "./extents.ts";
import { taken } from "./group-extents.ts";
import { fixedVolumeSize } from "./layout.ts";
import type { LogicalVolumeNode } from "./schema.ts";

/** The extents that are left while volumes get their sizes in turn. */
export interface Room {
  free: number;
  readonly extentSize: Bytes;
}

/** A share was of what was free when the volume was made; who takes all of the rest takes what there is more of it now. */
export function sizeAfter(node: LogicalVolumeNode, before: Bytes, room: Room): Bytes {
  const { extentSize } = room;
  if (takesRest(node)) {
    // What metadata of copies and pools takes is not known to the last extent.
    if (room.free < (isLinear(node) ? 1 : 2)) return before;
    return logicalExtents(node, taken(node, before, extentSize) + room.free, extentSize) * extentSize;
  }
  return isShare(node) ? before : targetOf(node, extentSize);
}

/** Whether a size is a share of its group. */
export function isShare({ size }: LogicalVolumeNode): boolean {
  return size.includes("%");
}

/** Whether each extent of a volume is one of its group. */
export function isLinear({ lvm_type, extraArgs }: LogicalVolumeNode): boolean {
  return lvm_type === null && extraArgs.length === 0;
}

/** Whether a volume has what all others leave. */
export function takesRest({ size, lvm_type }: LogicalVolumeNode): boolean {
  return lvm_type !== "thinlv" && /^100%(FREE)?$/.test(size);
}

/** The size that a tree gives, in whole extents. */
export function targetOf(node: LogicalVolumeNode, extentSize: Bytes): Bytes {
  return Math.ceil(fixedVolumeSize(node) / extentSize) * extentSize;
}
