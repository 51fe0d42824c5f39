import { MkimageError } from "../base/errors.ts";
import { quote } from "../base/quote.ts";
import { lossesIn, type NodeDifference, refused, type TreeDifference } from "../devices/changes/difference.ts";
import { changesSystem } from "../devices/changes/system-note.ts";
import type { DeviceTree } from "../devices/device-tree.ts";
import { renderScript } from "../devices/steps/script.ts";
import { printable, printableJson } from "../inspect/printable.ts";
import {
  applyChange,
  type ChangeRequest,
  type PlannedChange,
  planChange,
  requireApplicable,
} from "../machine/change-disks.ts";
import { confirmLoss } from "../machine/confirm-loss.ts";
import { thisMachine as machine } from "../machine/disk-host.ts";
import { describeDifference, differenceFacts } from "../pipeline/plan/describe-difference.ts";
import { print } from "./dialogue.ts";
import { pictureStyle } from "./picture-style.ts";
import type { StepWatch, WatchFlags } from "./watch-steps.ts";

/** The flags of `--mode diff` and `--mode apply`. */
export interface ChangeFlags extends WatchFlags {
  readonly rootMountpoint: string;
  readonly seed?: string;
  readonly dryRun?: boolean;
  readonly destroy?: readonly string[];
  readonly yes?: boolean;
}

/**
 * `mkimage disko --mode diff`: prints what the disks of this machine have, what the tree says, and what would be done.
 *
 * @throws MkimageError MISMATCH when anything differs; as `planChange`.
 */
export async function showChange(
  tree: DeviceTree,
  flags: ChangeFlags,
  signal: AbortSignal,
  watch: StepWatch,
): Promise<void> {
  const planned = await planChange(requestOf(tree, flags), machine, signal);
  for (const path of planned.difference.absent) watch.onNote(`there is nothing to destroy at ${path}`);
  printDifference(planned, { ...flags, hint: applyHint(planned.difference) }, watch);
}

/**
 * Prints a difference.
 *
 * @throws MkimageError MISMATCH when anything differs.
 */
export function printDifference(
  { found, difference }: Pick<PlannedChange, "found" | "difference">,
  { json = false, hint }: Pick<ChangeFlags, "json"> & { readonly hint: string },
  watch: Pick<StepWatch, "onNote">,
): void {
  const facts = differenceFacts(difference);
  if (json) print(printableJson(facts, 2));
  else {
    const { pictures, lines } = describeDifference(found, difference, pictureStyle(process.env, process.stdout));
    [...pictures, ...lines.map(printable)].forEach(print);
  }
  for (const { path, reason } of found.unexpressed) watch.onNote(printable(`${path}: ${reason}`));
  if (facts.same) return;
  throw new MkimageError("MISMATCH", "the disks are not as the tree says", { hint });
}

/** Says what apply would do about it. */
function applyHint(difference: TreeDifference): string {
  const lost = lossesIn(difference).map(({ path }) => path);
  if (refused(difference).length > 0)
    return "mkimage disko --mode apply changes nothing as long as anything is refused, as it stands above";
  if (lost.length > 0)
    return `mkimage disko --mode apply --destroy ${lost.map(quote).join(" ")} does it, and asks before that is lost`;
  const smaller = difference.nodes.some(({ change }) => change === "shrinking");
  return `mkimage disko --mode apply changes them${smaller ? ", and makes filesystems smaller, with all that is in them" : ""}`;
}

/**
 * `mkimage disko --mode apply`: changes the disks of this machine, and mounts them.
 *
 * @throws MkimageError as `applyChange`.
 */
export async function changeDisks(
  tree: DeviceTree,
  flags: ChangeFlags,
  signal: AbortSignal,
  watch: StepWatch,
): Promise<void> {
  const request = requestOf(tree, flags);
  if (flags.dryRun === true) {
    const { steps, difference } = await planChange(request, machine, signal);
    requireApplicable(difference);
    return void process.stdout.write(renderScript(steps, "between steps"));
  }
  const { dialogue, onStep, onOutput } = watch;
  const approve = (doomed: readonly NodeDifference[]) => confirmLoss(doomed, { yes: flags.yes === true }, dialogue);
  const context = { machine, signal, onStep, onOutput, onNote: dialogue.say, approve };
  const { difference, root, disks } = await applyChange(request, context);
  const isSame = difference.steps.length === 0;
  if (changesSystem(difference)) dialogue.say(systemNote);
  watch.result(isSame ? "the disks are as the tree says; nothing was changed" : "", {
    modes: ["apply"],
    root,
    disks: disks.map(({ name, device }) => ({ name, device: device.path })),
    nodes: difference.nodes,
  });
}

const systemNote =
  "the system mounts other things, or by other names: mkimage disko config prints its fileSystems; rebuild it before it boots again";

function requestOf(tree: DeviceTree, { rootMountpoint, seed, destroy = [] }: ChangeFlags): ChangeRequest {
  return { tree, root: rootMountpoint, seed, destroy };
}
