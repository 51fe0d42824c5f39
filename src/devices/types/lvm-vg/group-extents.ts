import type { Bytes } from "../../../base/units.ts";
import type { MemberPair, UnitPair } from "../../changes/type-changes.ts";
import { countAt, extentsAt } from "../lvm-pv/extents.ts";
import { physicalVolumeHeader, takenExtents, usualExtentSize } from "./extents.ts";
import type { LogicalVolumeNode, LvmVgNode } from "./schema.ts";

/** The extents of a group that is there, or will be. */
interface GroupExtents {
  /** Of each. */
  readonly size: Bytes;
  /** All of them, once the members have their sizes. */
  readonly total: number;
  /** Those that volumes take. */
  readonly used: number;
}

/** Counts the extents of a group, each of the size that they have there. A group that is made here has the usual ones. */
export function extentsOf({ facts, found, factsIn, members }: UnitPair<LvmVgNode>): GroupExtents {
  const size = facts?.extentSize ?? usualExtentSize;
  const takenBy = ([key, node]: [string, LogicalVolumeNode]) => taken(node, factsIn(`.lvs.${key}`)?.size ?? 0, size);
  const used =
    facts?.used === undefined
      ? Object.entries(found.lvs).reduce((sum, one) => sum + takenBy(one), 0)
      : Math.ceil(facts.used / size);
  const there = Math.floor((facts?.size ?? 0) / size);
  return { size, total: members.reduce((sum, member) => sum + gainOf(member, size), there), used };
}

/** The extents that a member brings, or gets. */
function gainOf({ facts, before, after }: MemberPair, size: Bytes): number {
  const known = facts?.extents;
  if (known !== undefined) return extentsAt(known, before, after) - known.count;
  const usual = { start: physicalVolumeHeader, size };
  return countAt(usual, after) - countAt(usual, before);
}

/** The extents that a volume of a size takes. */
export function taken(node: LogicalVolumeNode, size: Bytes, extentSize: Bytes): number {
  return takenExtents(node, Math.ceil(size / extentSize), extentSize);
}
