import { Command, InvalidArgumentError } from "commander";
import type { DeviceTree } from "../devices/device-tree.ts";
import { MkimageError } from "../base/errors.ts";
import { thisMachine as machine } from "../machine/disk-host.ts";
import { machineSetting } from "../machine/machine-setting.ts";
import { type Mode, modesOf } from "../steps/modes.ts";
import { renderScript } from "../devices/steps/script.ts";
import { approveWipe, type SurveyedDisk } from "../machine/survey.ts";
import { checksBeforeWipe, treeSteps } from "../devices/steps/tree-steps.ts";
import { absolutePath } from "./absolute-path.ts";
import { diskoConfigCommand } from "./disko-config.ts";
import { changeDisks, type ChangeFlags, showChange } from "./disko-change.ts";
import { readDisks } from "./disko-read.ts";
import { requireRoot } from "./require-root.ts";
import { addAppearanceOptions } from "./appearance.ts";
import { type StepWatch, type WatchFlags, watchingSteps } from "./watch-steps.ts";
import { addTreeOptions, readTree, type TreeFlags } from "./tree-options.ts";

/** Modes that are no operation of disko's, each by itself. */
const ownModes = ["read", "diff", "apply"] as const;

type OwnMode = (typeof ownModes)[number];

interface Flags extends TreeFlags, WatchFlags, ChangeFlags {
  readonly mode: readonly Mode[] | OwnMode;
  readonly rootMountpoint: string;
  readonly nix?: boolean;
  readonly dryRun?: boolean;
  readonly yesWipeAllDisks?: boolean;
  readonly seed?: string;
}

/** `mkimage disko`: makes and mounts the disks of a device tree on this machine. `signal` stops it. */
export function diskoCommand(signal: AbortSignal): Command {
  const command = new Command("disko")
    .description(
      "destroy, format, mount or unmount the disks of a device tree on this machine; read a tree from disks; or change disks",
    )
    .option(
      "-m, --mode <modes>",
      "destroy, format, mount, unmount, or several with commas; or one of read, diff, apply",
      readModes,
      ["mount"],
    )
    .option("--nix", "with --mode read: print the tree as Nix (default: JSON)")
    .option("--root-mountpoint <folder>", "where the tree is mounted", absolutePath, "/mnt")
    .option("--dry-run", "print the script that would run, and change nothing")
    .option("--seed <text>", "derive every UUID from this text (default: they are drawn anew)")
    .option("--yes-wipe-all-disks", "do not ask before disks are destroyed")
    .option(
      "--destroy <node...>",
      "with --mode diff and apply: let go of what is at this path of the tree; apply shows it, and asks",
    )
    .option("--yes", "with --mode apply: do not ask before what --destroy names is lost")
    .option("--debug", "as --verbose, by disko's name")
    .option("--no-deps", "accepted for disko's sake: programs always come from PATH")
    .addHelpText("after", examples)
    .allowExcessArguments()
    .action((_file: string | undefined, flags: Flags, self: Command) =>
      watchingSteps(flags, signal, (watch) => disko(self.args, flags, signal, watch)),
    );
  return addAppearanceOptions(addTreeOptions(command)).addCommand(diskoConfigCommand(signal));
}

const examples = `
Examples:
  mkimage disko --mode destroy,format,mount --flake .#host
  mkimage disko --mode format disk.nix --dry-run
  mkimage disko --mode mount disk.json --root-mountpoint /target
  mkimage disko --mode read /dev/sda /dev/sdb --nix
  mkimage disko --mode diff disk.nix
  mkimage disko --mode apply disk.nix
  mkimage disko --mode apply disk.nix --destroy disk.main.content.partitions.old`;

async function disko(
  files: readonly string[],
  { mode, ...flags }: Flags,
  signal: AbortSignal,
  watch: StepWatch,
): Promise<void> {
  if (mode === "read") return await readDisks(files, flags, signal, watch);
  if (mode === "diff" || mode === "apply") return await doChange(mode, files, flags, signal, watch);
  await doModes(files, { ...flags, mode }, signal, watch);
}

async function doChange(
  mode: "diff" | "apply",
  files: readonly string[],
  flags: Omit<Flags, "mode">,
  signal: AbortSignal,
  watch: StepWatch,
): Promise<void> {
  // A list of words goes on up to the next option, so that a file behind it is its last word.
  const nodes = flags.destroy?.filter((word) => !isFile(word));
  const named = [...files, ...(flags.destroy ?? []).filter(isFile)];
  const tree = await readTree(named, flags, signal, watch.onNote);
  requireRoot();
  const own = { ...flags, ...(nodes === undefined ? {} : { destroy: nodes }) };
  await (mode === "diff" ? showChange(tree, own, signal, watch) : changeDisks(tree, own, signal, watch));
}

function isFile(word: string): boolean {
  return /\.(nix|json)$/.test(word);
}

/** The flags of modes that take a tree. */
interface ModeFlags extends Flags {
  readonly mode: readonly Mode[];
}

async function doModes(
  files: readonly string[],
  flags: ModeFlags,
  signal: AbortSignal,
  watch: StepWatch,
): Promise<void> {
  const tree = await readTree(files, flags, signal, watch.onNote);
  const isDry = flags.dryRun === true;
  if (!isDry) requireRoot();
  const formats = flags.mode.includes("format");
  // A group may do without a disk that is gone; whether the rest can be mounted shows.
  const needsAll = formats || flags.mode.includes("destroy") || Object.keys(tree.disk).length < 2;
  const disks = isDry || !needsAll ? await surveyIfThere(tree) : await machine.survey(tree);
  const setting = machineSetting(tree, disks, { root: flags.rootMountpoint, seed: flags.seed, formats });
  const destroysAndMakes = formats && flags.mode.includes("destroy");
  const checks = destroysAndMakes ? checksBeforeWipe(tree, setting) : [];
  const steps = [...checks, ...flags.mode.flatMap((mode) => treeSteps(mode, tree, setting))];
  if (isDry) return void process.stdout.write(renderScript(steps));
  machine.requireMeans(steps);
  const held = await machine.hold(disks.map(({ device }) => device));
  try {
    await approve(tree, disks, flags, watch);
    await machine.executor({ ...watch, onNote: watch.dialogue.say, signal }).run(steps);
    const made = disks.map(({ name, device }) => ({ name, device: device.path }));
    watch.result("", { modes: flags.mode, root: flags.rootMountpoint, disks: made });
  } finally {
    held.release();
  }
}

/** Asks before anything is destroyed. */
async function approve(
  tree: DeviceTree,
  disks: readonly SurveyedDisk[],
  { mode, rootMountpoint, yesWipeAllDisks = false }: ModeFlags,
  { dialogue }: StepWatch,
): Promise<void> {
  if (mode.includes("destroy")) await approveWipe(tree, disks, { yesWipeAllDisks, root: rootMountpoint }, dialogue);
}

async function surveyIfThere(tree: DeviceTree): Promise<SurveyedDisk[]> {
  try {
    return await machine.survey(tree);
  } catch (error) {
    if (!(error instanceof MkimageError)) throw error;
    return [];
  }
}

function readModes(text: string): readonly Mode[] | OwnMode {
  const modes = ownModes.find((mode) => mode === text) ?? modesOf(text);
  if (modes !== undefined) return modes;
  throw new InvalidArgumentError(
    "The modes are destroy, format, mount and unmount; several go with commas. Or one of read, diff and apply.",
  );
}
