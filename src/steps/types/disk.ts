import type { DiskNode } from "../../devices/disk.ts";
import type { ClaimedDevice } from "../claim.ts";
import type { StepContext } from "../context.ts";
import { withHooks } from "../hooks.ts";
import type { Unit } from "../located.ts";
import { inOrder, type NodeSteps } from "../node-steps.ts";
import { waitForUdev } from "../settle.ts";
import { type CommandStep, step } from "../step.ts";

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
