import type { DeviceTree } from "../devices/device-tree.ts";
import type { StepContext } from "./context.ts";
import { type Unit, unitsOf } from "./located.ts";
import { type Member, dependencyOrder, membersOf } from "./members.ts";
import { type MountSteps, type NodeSteps, inOrder } from "./node-steps.ts";
import type { StepSetting } from "./setting.ts";
import type { Step } from "./step.ts";
import { contentSteps } from "./types/content.ts";
import { wipeStep } from "./types/disk.ts";
import { unitSteps } from "./unit-steps.ts";

/** Everything that can be done with a tree, in the order in which it is done. */
export interface TreeSteps {
  /** Makes what is missing, and leaves alone what is there. */
  readonly create: readonly Step[];
  /** Opens what has to be opened, in the order of creation; then mounts, outer mount points first. */
  readonly mount: readonly Step[];
  /** The reverse of `mount`. */
  readonly unmount: readonly Step[];
  /** Unmounts, and wipes each disk that may be destroyed. */
  readonly destroy: readonly Step[];
}

/**
 * The steps of a device tree. Pure: nothing is looked up, and the same tree and setting give the same steps.
 *
 * @throws MkimageError BAD_REQUEST for disks without a device, members of groups that are not there, cycles, and sizes
 *   that need a solved layout where there is none.
 */
export function treeSteps(tree: DeviceTree, setting: StepSetting): TreeSteps {
  const all = unitsOf(tree, setting.devices);
  const members = membersOf(all);
  const units = dependencyOrder(all, members);
  const context: StepContext = { setting, members, stepsOf: (located) => contentSteps(located, context) };
  const steps = units.map((unit) => unitSteps(tree, unit, context));
  const { create, open, mounts, close } = inOrder(steps);
  const ordered = byDepth(mounts);
  const unmountAll = ordered.toReversed().flatMap(({ unmount }) => unmount);
  return {
    create,
    mount: [...open, ...ordered.flatMap(({ mount }) => mount)],
    unmount: [...unmountAll, ...close],
    destroy: [...unmountAll, ...removal(units, steps, tree, members), ...wipes(tree, units)],
  };
}

/** Outer mount points first; those of equal depth by name, so that the order does not depend on the tree's. */
function byDepth(mounts: readonly MountSteps[]): MountSteps[] {
  return mounts.toSorted(
    (a, b) => depth(a) - depth(b) || Buffer.compare(Buffer.from(a.mountpoint), Buffer.from(b.mountpoint)),
  );
}

function depth({ mountpoint }: MountSteps): number {
  return mountpoint.split("/").filter((part) => part !== "").length;
}

/** Last made, first taken apart; groups go for good when a member of theirs lies on a disk that is wiped. */
function removal(
  units: readonly Unit[],
  steps: readonly NodeSteps[],
  tree: DeviceTree,
  members: readonly Member[],
): Step[] {
  const lost = new Set<string>();
  for (const unit of units) {
    const wiped = unit.kind === "disk" && tree.disk[unit.key]?.destroy === true;
    const below = members.filter((member) => member.kind === unit.kind && member.group === unit.name);
    if (wiped || below.some((member) => lost.has(member.unit))) lost.add(unit.path);
  }
  const pairs = units.map((unit, index) => ({ unit, own: steps[index] }));
  return pairs
    .toReversed()
    .flatMap(({ unit, own }) => [...(lost.has(unit.path) ? (own?.remove ?? []) : []), ...(own?.close ?? [])]);
}

function wipes(tree: DeviceTree, units: readonly Unit[]): Step[] {
  return units
    .filter(({ kind, key }) => kind === "disk" && tree.disk[key]?.destroy === true)
    .flatMap((unit) => (unit.device === null ? [] : [wipeStep(unit.path, unit.device)]));
}
