import { sorted } from "../../tree/locate.ts";
import type { LogicalVolumeNode, LvmVgNode } from "./schema.ts";

/** The volumes of a group in the order of their making: thin pools first, what takes the rest last; ties by key. */
export function orderedVolumes({ lvs }: LvmVgNode): [key: string, node: LogicalVolumeNode][] {
  return sorted(lvs).toSorted(([, a], [, b]) => priorityOf(a) - priorityOf(b));
}

function priorityOf({ priority, lvm_type, size }: LogicalVolumeNode): number {
  if (priority !== null) return priority;
  if (lvm_type === "thin-pool") return 500;
  return size.startsWith("100%") ? 9001 : 1000;
}
