import { MkimageError } from "../../base/errors.ts";
import type { StepSetting } from "../../steps/setting.ts";
import type { DeviceTree } from "../device-tree.ts";
import { treeContext } from "../steps/tree-steps.ts";
import { locatedContentsOf } from "../tree/contents.ts";
import { type Unit, unitsOf } from "../tree/units.ts";
import type { Findings } from "./findings.ts";
import { phases, type ChangePlace } from "./type-changes.ts";

/** Phase after phase; what is made smaller is so from the inside out. */
export function orderedSteps(
  tree: DeviceTree,
  setting: StepSetting,
  { steps }: Findings,
  groupsThere: ReadonlySet<string>,
) {
  const context = treeContext("format", tree, setting);
  const units = unitsOf(tree, setting.devices);
  const contents = new Map(locatedContentsOf(units).map((located) => [located.path, located]));
  const place: ChangePlace = {
    context,
    located: (path) => contents.get(path) ?? lost(path),
    unit: (path) => units.find((unit) => unit.path === path) ?? (lost(path) as Unit),
    isGroupThere: (kind, group) => groupsThere.has(`${kind} ${group}`),
  };
  return phases.flatMap((phase) => {
    const own = steps.filter((one) => one.phase === phase);
    return (phase === "shrink" ? own.toReversed() : own).flatMap(({ at }) => at(place));
  });
}

function lost(path: string): never {
  throw new MkimageError("INTERNAL", `${path} was compared, and is not in the tree`);
}
