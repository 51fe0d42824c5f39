import { step } from "../../../steps/step.ts";
import type { Comparison, ContentChanges, ContentPair } from "../../changes/type-changes.ts";
import { extentsAt, isBehind } from "./extents.ts";
import type { LvmPvNode } from "./schema.ts";

/** A physical volume grows with its device; whether it may belong to another group is that group's to say. */
export const lvmPvChanges: ContentChanges<LvmPvNode> = { compare };

function compare({ path, device, facts, before, after }: ContentPair<LvmPvNode>): Comparison {
  const { extents } = facts;
  if (after < before) return { properties: [], refusal: "a physical volume is not made smaller" };
  const isLate = extents !== undefined && isBehind(extents, before);
  if (after === before && !isLate) return { properties: [] };
  const grow = step(path, `grow the physical volume on ${device}`, [], ["pvresize", device]);
  const behind = { name: "size", from: "less than its device", to: "its device", change: "growing" } as const;
  return {
    properties: after === before ? [behind] : [],
    steps: { grow: () => [grow] },
    ...(extents === undefined ? {} : { after: { extents: { ...extents, count: extentsAt(extents, before, after) } } }),
  };
}
