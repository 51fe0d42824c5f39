import type { DiskNode } from "./schema.ts";
import type { ClaimedDevice } from "../../../steps/claim.ts";
import type { StepContext } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Unit } from "../../tree/units.ts";
import { inOrder, type NodeSteps } from "../../../steps/node-steps.ts";
import { waitForUdev } from "../../../steps/settle.ts";
import { type CommandStep, step } from "../../../steps/step.ts";

/** A disk with what is on it. */
export function diskSteps(unit: Unit, node: DiskNode, context: StepContext): NodeSteps {
  const place = { path: unit.path, device: unit.device ?? "", key: unit.name, root: context.setting.root };
  return withHooks(node, place, inOrder(unit.contents.map(context.stepsOf)));
}

/** Makes a disk and its partitions forget what they hold; one that is in use refuses. */
export function wipeStep({ path, device }: ClaimedDevice): CommandStep {
  return step(path, `wipe ${device}`, [], ["wipe_disk", device]);
}

/** Has the kernel, and then whoever hears of changes, see disks that are empty: all at once, when none knows anything. */
export function forgetSteps(disks: readonly ClaimedDevice[]): CommandStep[] {
  if (disks.length === 0) return [];
  const commands = disks.map(({ device }) => ["partprobe", device]);
  return [step("disk", "read the partition tables again", [], ...commands, waitForUdev)];
}
