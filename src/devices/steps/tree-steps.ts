import type { DeviceTree } from "../device-tree.ts";
import { refuseDuplicates } from "../tree/duplicates.ts";
import type { Claim } from "../../steps/claim.ts";
import type { StepContext } from "./context.ts";
import { deviceNames } from "../tree/device-names.ts";
import { requireGroups } from "../tree/groups.ts";
import { type Unit, unitsOf } from "../tree/units.ts";
import type { Mode } from "../../steps/modes.ts";
import { type Member, dependencyOrder, membersOf } from "../tree/members.ts";
import { type Precondition, type MountSteps, type NodeSteps, inOrder } from "../../steps/node-steps.ts";
import type { StepSetting } from "../../steps/setting.ts";
import type { Step } from "../../steps/step.ts";
import { forgetSteps, wipeStep } from "../types/disk/steps.ts";
import { contentTypeOf, unitKinds, unitTypeOf } from "../registry.ts";

/**
 * The steps that do something with the disks of a tree, in their order:
 *
 * - `format` looks at all that is there, makes what is missing, and leaves alone what is there;
 * - `mount` opens what has to be opened, in the order of creation, and then mounts, outer mount points first;
 * - `unmount` is the reverse of that;
 * - `destroy` unmounts, and wipes each disk that may be destroyed.
 *
 * Pure: nothing is looked up, and the same tree and setting give the same steps.
 *
 * @throws MkimageError BAD_REQUEST for disks without a device, nodes that have what only one can have, members of groups that
 *   are not there, cycles, and when formatting, sizes that need a solved layout where there is none.
 */
export function treeSteps(mode: Mode, tree: DeviceTree, setting: StepSetting): Step[] {
  const { units, members, steps } = plannedNodes(mode, tree, setting);
  const { checks = [], claims, create, open, mounts, close } = inOrder(steps);
  const ordered = byDepth(mounts);
  const unmounts = ordered.toReversed().flatMap(({ unmount }) => unmount);
  switch (mode) {
    case "format":
      return [...lookSteps(claims, setting), ...checks.map(unlessMade), ...create];
    case "mount":
      return [...open, ...ordered.flatMap(({ mount }) => mount)];
    case "unmount":
      return [...unmounts, ...close];
    case "destroy":
      return [...unmounts, ...removal(units, steps, members), ...wipes(units)];
  }
}

/**
 * The looks at what formatting takes besides disks, for before they are destroyed: nothing is lost for the lack of a token.
 *
 * @throws MkimageError as `treeSteps`.
 */
export function checksBeforeWipe(tree: DeviceTree, setting: StepSetting): Step[] {
  const { units, members, steps } = plannedNodes("format", tree, setting);
  const lost = lostUnits(units, members);
  return units.flatMap(({ path }, index) => {
    const checks = steps[index]?.checks ?? [];
    return checks.map((check) => (lost.has(path) ? check.step : unlessMade(check)));
  });
}

function unlessMade({ claim, step: look }: Precondition): Step {
  return { ...look, guards: [{ kind: "is unmade so far", claim }, ...look.guards] };
}

/** The nodes of a tree in the order in which they are made, each with its steps. */
function plannedNodes(mode: Mode, tree: DeviceTree, setting: StepSetting) {
  if (mode === "mount" || mode === "format") refuseDuplicates(tree);
  requireGroups(tree);
  const context = treeContext(mode, tree, setting);
  const { members } = context;
  const units = dependencyOrder(unitsOf(tree, setting.devices), members);
  return { units, members, steps: units.map((unit) => unitTypeOf(unit.kind).steps(unit, unit.node, context)) };
}

/** The context in which the steps of a tree's nodes are planned. Its groups are sound. */
export function treeContext(mode: Mode, tree: DeviceTree, setting: StepSetting): StepContext {
  const all = unitsOf(tree, setting.devices);
  const context: StepContext = {
    mode,
    setting,
    members: membersOf(all),
    deviceNames: deviceNames(tree, all),
    partitionLinks: (device) => unitKinds.flatMap((kind) => unitTypeOf(kind).partitionLinks?.(device) ?? []),
    stepsOf: (located) => contentTypeOf(located.node).steps(located, context),
  };
  return context;
}

/** One look at everything, before the first change: what is in the way is told all at once. */
function lookSteps(claims: readonly Claim[], { blank }: StepSetting): Step[] {
  if (claims.length === 0 || blank === true) return [];
  return [{ kind: "look", path: "", title: "look at what is on the devices", claims }];
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

/** Last made, first taken apart. */
function removal(units: readonly Unit[], steps: readonly NodeSteps[], members: readonly Member[]): Step[] {
  const lost = lostUnits(units, members);
  const pairs = units.map((unit, index) => ({ unit, own: steps[index] }));
  return pairs
    .toReversed()
    .flatMap(({ unit, own }) => (lost.has(unit.path) ? own?.remove : undefined) ?? own?.close ?? []);
}

/**
 * The units that go for good, by their paths: disks that are wiped, and groups all of whose members lie on such; a disk that is
 * not keeps its part of a group.
 */
function lostUnits(units: readonly Unit[], members: readonly Member[]): ReadonlySet<string> {
  const lost = new Set<string>();
  for (const unit of units) {
    const below = members.filter((member) => member.kind === unit.kind && member.group === unit.name);
    const isLost = below.length > 0 && below.every((member) => lost.has(member.unit));
    if (unit.isWiped || isLost) lost.add(unit.path);
  }
  return lost;
}

function wipes(units: readonly Unit[]): Step[] {
  const wiped = units.flatMap(({ path, device, isWiped }) => (isWiped && device !== null ? [{ path, device }] : []));
  return [...wiped.map(wipeStep), ...forgetSteps(wiped)];
}
