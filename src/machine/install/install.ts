import type { Dialogue } from "../confirm.ts";
import { MkimageError } from "../../base/errors.ts";
import { installSteps } from "../../steps/install-steps.ts";
import type { DiskHost } from "../disk-host.ts";
import { machineSetting } from "../machine-setting.ts";
import { renderScript } from "../../devices/steps/script.ts";
import type { StepSetting } from "../../steps/setting.ts";
import type { Step } from "../../steps/step.ts";
import { approveWipe } from "../survey.ts";
import { checksBeforeWipe, treeSteps } from "../../devices/steps/tree-steps.ts";
import { checkDisks } from "./check-disks.ts";
import type { InstallRequest } from "./install-request.ts";
import { type PreparedInstall, type PreparingContext, prepareInstall } from "./prepare-install.ts";

/** The callbacks, dialogue and consent of an installation, and the machine. */
interface InstallContext {
  readonly signal: AbortSignal;
  readonly machine: DiskHost;
  readonly dialogue: Dialogue;
  readonly yesWipeAllDisks: boolean;
  /** Called with the title of each step when it begins. */
  readonly onStep: (title: string) => void;
  /** Called with what the steps print, where that is wanted. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Makes the disks of a device tree on this machine, installs a system on them, and unmounts them again. All that can be
 * resolved, built and checked is so before a disk is touched.
 *
 * @throws MkimageError; once a disk was touched, its hint says in what state the disks are.
 */
export async function install(request: InstallRequest, context: InstallContext & PreparingContext): Promise<Installed> {
  return installPrepared(request, await prepareInstall(request, context), context);
}

/**
 * Carries out an installation whose system and tree are there.
 *
 * @throws MkimageError as `install`.
 */
export async function installPrepared(
  request: InstallRequest,
  prepared: PreparedInstall,
  context: InstallContext,
): Promise<Installed> {
  const { machine } = context;
  const disks = await machine.survey(prepared.tree, prepared.devices);
  const setting = machineSetting(prepared.tree, disks, { ...request, formats: request.mode === "format" });
  checkDisks(prepared, disks, setting.layout);
  const phases = phasesOf(request, prepared, setting);
  machine.requireMeans(phases.flatMap(({ steps }) => steps));
  const held = await machine.hold(disks.map(({ device }) => device));
  try {
    if (request.mode === "format")
      await approveWipe(prepared.tree, disks, { ...context, root: request.root }, context.dialogue);
    await runPhases(phases, context);
  } finally {
    held.release();
  }
  const made = disks.map(({ name, device }) => ({ name, device: device.path }));
  return { system: prepared.installation.toplevel, disks: made };
}

/** The installed system, and its disks. */
interface Installed {
  /** The store path of the system. */
  readonly system: string;
  readonly disks: readonly { readonly name: string; readonly device: string }[];
}

/**
 * The script that `install` would run. No disk is touched; disks that are not there are taken to be as the tree says.
 *
 * @throws MkimageError as `install`.
 */
export async function installScript(
  request: InstallRequest,
  context: PreparingContext & { readonly machine: DiskHost },
): Promise<string> {
  const prepared = await prepareInstall(request, context);
  const disks = await context.machine.survey(prepared.tree, prepared.devices).catch(() => []);
  const known = machineSetting(prepared.tree, disks, { ...request, formats: request.mode === "format" });
  const setting = disks.length === 0 ? { ...known, devices: prepared.devices } : known;
  if (disks.length > 0) checkDisks(prepared, disks, setting.layout);
  return renderScript(phasesOf(request, prepared, setting).flatMap(({ steps }) => steps));
}

/** Steps that belong together, and what is to be said of the disks when one of them fails. */
interface Phase {
  readonly steps: readonly Step[];
  readonly state: string;
}

function phasesOf(
  { mode, root }: InstallRequest,
  { tree, installation }: PreparedInstall,
  setting: StepSetting,
): Phase[] {
  const steps = (of: "destroy" | "format" | "mount" | "unmount") => treeSteps(of, tree, setting);
  const again = "the same command starts anew";
  const goOn = "the same command with --mode mount goes on from here";
  const format = [
    { steps: checksBeforeWipe(tree, setting), state: "nothing was changed" },
    { steps: steps("destroy"), state: `what was on the disks may be lost; ${again}` },
    { steps: steps("format"), state: `the disks are formatted in part; ${again}` },
  ];
  return [
    ...(mode === "format" ? format : []),
    {
      steps: steps("mount"),
      state: mode === "format" ? `the disks are formatted and empty; ${goOn}` : "nothing was changed",
    },
    {
      steps: installSteps(installation),
      state: `the disks are formatted, and the system on them is not complete; ${goOn}`,
    },
    { steps: steps("unmount"), state: `the system is installed, and still mounted on ${root}` },
  ];
}

/** All steps are one script, so that a password is asked for once. */
async function runPhases(phases: readonly Phase[], context: InstallContext): Promise<void> {
  const { signal, onStep, onOutput, dialogue, machine } = context;
  let started = 0;
  const observers = {
    onStep: (title: string) => (onStep(title), (started += 1)),
    onNote: dialogue.say,
    ...(onOutput && { onOutput }),
  };
  try {
    await machine.executor({ signal, ...observers }).run(phases.flatMap(({ steps }) => steps));
  } catch (error) {
    const state = stateAfter(started, phases);
    const left = await unmount(phases.at(-1)?.steps ?? [], machine);
    throw withState(error, [state, ...left].join("; "), context);
  }
}

function stateAfter(started: number, phases: readonly Phase[]): string {
  let count = 0;
  const current = phases.find(({ steps }) => (count += steps.length) >= started);
  return started === 0 ? "nothing was changed" : (current?.state ?? "");
}

/** After a failure the disks are given back; what cannot be unmounted is told. */
async function unmount(steps: readonly Step[], machine: DiskHost): Promise<string[]> {
  try {
    await machine.executor({ signal: new AbortController().signal, onStep: () => {} }).run(steps);
    return [];
  } catch (error) {
    return [`the disks are still mounted: ${(error as Error).message}`];
  }
}

/** An interruption is no error to show, and its state has to be said all the same. */
function withState(error: unknown, state: string, { signal, dialogue }: InstallContext): unknown {
  if (signal.aborted) dialogue.say(state);
  if (!(error instanceof MkimageError)) return error;
  return new MkimageError(error.code, error.message, { details: error.details, hint: state, cause: error });
}
