import { MkimageError } from "../base/errors.ts";
import { identityFrom } from "../base/identity.ts";
import { compareDisks } from "../devices/changes/compare-disks.ts";
import { lossesIn, type NodeDifference, type TreeDifference, refused } from "../devices/changes/difference.ts";
import type { DeviceTree } from "../devices/device-tree.ts";
import type { FoundDisks } from "../devices/found.ts";
import { treeSteps } from "../devices/steps/tree-steps.ts";
import { mountsOf } from "../devices/tree/mountpoints.ts";
import { below } from "../steps/words.ts";
import type { Step } from "../steps/step.ts";
import type { StepSetting } from "../steps/setting.ts";
import type { DiskHost } from "./disk-host.ts";
import { readOnlyFaults } from "./rules.ts";
import type { SurveyedDisk } from "./survey.ts";

/** How the disks of a machine are to become those of a tree. */
export interface ChangeRequest {
  readonly tree: DeviceTree;
  /** The folder where the tree is mounted, if it is not the running system. */
  readonly root: string;
  readonly seed?: string | undefined;
  /** The nodes that the user lets go of, by their paths. */
  readonly destroy: readonly string[];
}

/** A tree, held against the disks of a machine. */
export interface PlannedChange {
  readonly disks: readonly SurveyedDisk[];
  readonly found: FoundDisks;
  readonly difference: TreeDifference;
  /** The steps that change the disks and then mount the tree; none where something is refused. */
  readonly steps: readonly Step[];
  readonly root: string;
}

/**
 * Reads the disks of a tree, and plans how they become those of the tree. Changes nothing.
 *
 * @throws MkimageError as `DiskHost.survey`, `DiskHost.read` and `compareDisks`.
 */
export async function planChange(
  { tree, root, seed, destroy }: ChangeRequest,
  machine: Pick<DiskHost, "survey" | "read">,
  signal: AbortSignal,
): Promise<PlannedChange> {
  const disks = await machine.survey(tree);
  const found = await machine.read(
    disks.map(({ device }) => device.path),
    root,
    signal,
  );
  const devices = Object.fromEntries(disks.map(({ name, device }) => [name, device.path]));
  const setting: StepSetting = { root, devices, ...(seed === undefined ? {} : { identity: identityFrom(seed) }) };
  const foundKeys = new Map(disks.map(({ key }, index) => [key, found.diskKeys[index] ?? key]));
  const difference = compareDisks({ wanted: tree, found, disks: foundKeys, setting, destroy });
  const system = isRunning(tree, found, root) ? "/" : root;
  const mounting = treeSteps("mount", difference.tree, { ...setting, root: system });
  const steps = refused(difference).length > 0 ? [] : [...difference.steps, ...mounting];
  return { disks, found, difference, steps, root: system };
}

/** Whether the tree is that of the system that runs: what it has is mounted in its own place. */
function isRunning(tree: DeviceTree, { nodes }: FoundDisks, root: string): boolean {
  const uses = [...nodes.values()].flatMap(({ usedAt }) => usedAt);
  const places = mountsOf(tree).map(({ mountpoint }) => mountpoint);
  return places.some((place) => uses.includes(place) && below(root, place) !== place);
}

/** The machine, and those who hear what is done to it. */
export interface ApplyContext {
  readonly machine: DiskHost;
  readonly signal: AbortSignal;
  readonly onStep: (title: string) => void;
  readonly onNote: (text: string) => void;
  readonly onOutput?: ((text: string) => void) | undefined;
  /** Asks the user about everything that would be lost; throws where that is not meant. */
  readonly approve: (doomed: readonly NodeDifference[]) => Promise<void>;
}

/**
 * Changes the disks of a machine into those of a tree, and mounts them. Whoever was ended in between goes on with the same
 * request.
 *
 * @throws MkimageError REFUSED_DEVICE with every node that cannot be changed, and when what goes is not what was shown; as `planChange`
 *   and `DiskHost`.
 */
export async function applyChange(request: ChangeRequest, context: ApplyContext): Promise<PlannedChange> {
  const { machine, signal, approve, ...told } = context;
  const held = await machine.hold((await machine.survey(request.tree)).map(({ device }) => device));
  try {
    const planned = await planChange(request, machine, signal);
    requireApplicable(planned.difference);
    requireWritable(planned);
    machine.requireMeans(planned.steps);
    await approve(lossesIn(planned.difference));
    // Whoever was asked may have answered much later.
    if (lossesIn(planned.difference).length > 0) requireSame(planned, await planChange(request, machine, signal));
    for (const path of planned.difference.absent) told.onNote(`there is nothing to destroy at ${path}`);
    await machine.executor({ ...executorOptions(told), signal, stopping: "between steps", held }).run(planned.steps);
    return planned;
  } finally {
    held.release();
  }
}

/** Refuses all where one of the disks that change cannot be written: another one would be changed before that shows. */
function requireWritable({ disks, difference: { nodes } }: PlannedChange): void {
  const changing = nodes.filter(({ change }) => change !== "none").map(({ path }) => `${path}.`);
  const faults = disks
    .filter(({ key }) => changing.some((path) => path.startsWith(`disk.${key}.`)))
    .flatMap(({ device }) => readOnlyFaults(device));
  const [first, ...others] = faults;
  if (first === undefined) return;
  throw new MkimageError("REFUSED_DEVICE", first.message, {
    details: others.map(({ message }) => message),
    hint: `${first.hint}; nothing was changed`,
  });
}

/** Refuses to let go of anything on disks that are not as they were shown: what is there may be another thing by now. */
function requireSame(shown: PlannedChange, now: PlannedChange): void {
  if (seenIn(shown) === seenIn(now)) return;
  throw new MkimageError("REFUSED_DEVICE", "the disks have changed since it was shown what would be lost", {
    hint: "nothing was changed; give the command again to see what is there now",
  });
}

/** All that tells what goes from what might be in its place. */
function seenIn({ found, difference, steps }: PlannedChange): string {
  const names = [...found.nodes].map(([path, { uuid, label, usedAt }]) => [path, uuid, label, usedAt]);
  return JSON.stringify([names, lossesIn(difference), steps]);
}

function executorOptions({ onStep, onNote, onOutput }: Pick<ApplyContext, "onStep" | "onNote" | "onOutput">) {
  return { onStep, onNote, ...(onOutput === undefined ? {} : { onOutput }) };
}

/**
 * Refuses what cannot be changed.
 *
 * @throws MkimageError REFUSED_DEVICE with every such node.
 */
export function requireApplicable(difference: TreeDifference): void {
  const faults = refused(difference).map(({ path, refusal }) => `${path}: ${refusal}`);
  if (faults.length === 0) return;
  throw new MkimageError("REFUSED_DEVICE", faults[0] ?? "", {
    details: faults.slice(1),
    hint: "nothing was changed; mkimage disko --mode diff shows all that would be",
  });
}
