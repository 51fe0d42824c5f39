import { MiB } from "../../../base/units.ts";
import { step } from "../../../steps/step.ts";
import type { Comparison, ContentChanges, ContentPair } from "../../changes/type-changes.ts";
import type { LvmPvNode } from "./schema.ts";

/** A physical volume grows with its device; whether it may belong to another group is that group's to say. */
export const lvmPvChanges: ContentChanges<LvmPvNode> = { compare };

function compare({ path, device, facts, before, after }: ContentPair<LvmPvNode>): Comparison {
  if (after < before) return { properties: [], refusal: "a physical volume is not made smaller" };
  // Less than an extent of 4 MiB is nothing to a group.
  const isBehind = facts.extent !== undefined && after - facts.extent >= 8 * MiB;
  if (after === before && !isBehind) return { properties: [] };
  const grow = step(path, `grow the physical volume on ${device}`, [], ["pvresize", device]);
  const behind = { name: "size", from: "less than its device", to: "its device", change: "growing" } as const;
  return { properties: after === before ? [behind] : [], steps: { grow: () => [grow] } };
}
