import type { Bytes } from "../../../base/units.ts";
import type { MemberPair, UnitPair } from "../../changes/type-changes.ts";
import { extentSize, physicalVolumeHeader, takenExtents } from "./extents.ts";
import type { LogicalVolumeNode, LvmVgNode } from "./schema.ts";

/** All extents, once the members have their sizes, and those that volumes take. */
export function extentsOf(pair: UnitPair<LvmVgNode>): { total: number; used: number } {
  const { facts, found, factsIn } = pair;
  const used =
    facts?.used === undefined
      ? Object.entries(found.lvs).reduce((sum, [key, node]) => sum + taken(node, factsIn(`.lvs.${key}`)?.size ?? 0), 0)
      : Math.ceil(facts.used / extentSize);
  const gained = memberExtents(pair, ({ after }) => after) - memberExtents(pair, ({ before }) => before);
  const isWhole = facts === undefined || isBehind(pair);
  const total = isWhole ? memberExtents(pair, ({ after }) => after) : Math.floor(facts.size / extentSize) + gained;
  return { total, used };
}

/** The extents of all members that are in the group, or of all that will be, by their sizes. */
function memberExtents({ members }: UnitPair<LvmVgNode>, sizeOf: (member: MemberPair) => Bytes): number {
  const extents = (size: Bytes) => Math.max(0, Math.floor((size - physicalVolumeHeader) / extentSize));
  return members.reduce((sum, member) => sum + extents(sizeOf(member)), 0);
}

/** A device below it may have grown before, and nobody has told its physical volume. Alignment takes less than two extents. */
export function isBehind(pair: UnitPair<LvmVgNode>): boolean {
  const { facts, members } = pair;
  if (facts === undefined || (facts.missing ?? 0) > 0) return false;
  const there = memberExtents(pair, ({ before }) => before);
  return there - Math.floor(facts.size / extentSize) >= 2 * members.length;
}

export function taken(node: LogicalVolumeNode, size: Bytes): number {
  return takenExtents(node, Math.ceil(size / extentSize));
}
