import { Command, Option } from "commander";
import { MkimageError } from "../base/errors.ts";
import { install, installScript } from "../machine/install/install.ts";
import type { InstallRequest } from "../machine/install/install-request.ts";
import { thisMachine } from "../machine/disk-host.ts";
import { openTemporaryWorkspace } from "../runtime/workspace.ts";
import { absolutePath } from "./absolute-path.ts";
import { addAppearanceOptions } from "./appearance.ts";
import { type StepWatch, type WatchFlags, watchingSteps } from "./watch-steps.ts";
import { nixArgumentsOf } from "../request/nix-arguments.ts";
import { addNixOptions, type NixFlags, nixWishesOf } from "./nix-options.ts";
import { pairsOf } from "./pairs.ts";
import { requireRoot } from "./require-root.ts";

interface Flags extends WatchFlags, NixFlags {
  readonly flake?: string;
  readonly file?: string;
  readonly attr?: string;
  readonly devices?: string;
  readonly lib?: string;
  readonly arg?: readonly string[];
  readonly argstr?: readonly string[];
  readonly disk?: readonly string[];
  readonly mode: "format" | "mount";
  readonly extraFiles?: readonly string[];
  readonly writeEfiBootEntries?: boolean;
  readonly systemConfig?: string;
  readonly mountPoint: string;
  readonly seed?: string;
  readonly dryRun?: boolean;
  readonly yesWipeAllDisks?: boolean;
}

/** `mkimage install [SYSTEM]`: makes the disks of a device tree on this machine and installs a system on them. */
export function installCommand(signal: AbortSignal): Command {
  const command = new Command("install")
    .description("make the disks of a system on this machine, as disko does, and install the system on them")
    .argument("[system]", "flake reference, or a store path of a system (default: the flake in this folder)")
    .option("-f, --flake <reference>", "FLAKE#NAME: the system, as the argument")
    .option("--file <path>", "Nix file to evaluate in place of a flake")
    .option("--attr <attr>", "attribute of that file")
    .option("--devices <path>", "JSON or Nix file with the device tree (default: the system's own disko.devices)")
    .option("--arg <name-and-expression...>", "argument of the function in the device tree's file, in Nix")
    .option("--argstr <name-and-text...>", "argument of the function in the device tree's file, as text")
    .option("--lib <path>", "folder of nixpkgs, for device trees that need lib (default: the one in NIX_PATH)")
    .option("--disk <name-and-device...>", "NAME DEVICE: where a disk of the tree is (default: where the tree says)")
    .addOption(
      new Option("--mode <mode>", "format destroys what is on the disks, mount keeps it")
        .choices(["format", "mount"])
        .default("format"),
    )
    .option("--extra-files <from-and-to...>", "FROM TO: file or folder to copy into the system, owned by root")
    .option("--write-efi-boot-entries", "let the bootloader write boot entries into this machine's firmware")
    .option("--system-config <json>", "further settings of the system, as JSON")
    .option("--mount-point <folder>", "where the disks are mounted meanwhile", absolutePath, "/mnt")
    .option("--seed <text>", "derive every UUID from this text (default: they are drawn anew)")
    .option("--dry-run", "build all of it, print the script that would run, and touch no disk")
    .option("--yes-wipe-all-disks", "do not ask before disks are destroyed")
    .option("--debug", "as --verbose, by disko's name")
    .addHelpText("after", examples)
    .action((system: string | undefined, flags: Flags) =>
      watchingSteps(flags, signal, (watch) => run(system, flags, signal, watch)),
    );
  return addAppearanceOptions(addNixOptions(command));
}

const examples = `
Examples:
  mkimage install --flake .#host --disk main /dev/disk/by-id/ata-…
  mkimage install --flake .#host --disk main /dev/sdX --extra-files ./ssh_host_key /etc/ssh/ssh_host_key
  mkimage install /nix/store/…-nixos-system-web --devices disk.json --dry-run`;

async function run(system: string | undefined, flags: Flags, signal: AbortSignal, watch: StepWatch): Promise<void> {
  const request = requestOf(system, flags);
  const workspace = await openTemporaryWorkspace();
  try {
    const context = { ...watch, signal, machine: thisMachine, scratchFolder: workspace.folder };
    if (flags.dryRun === true) return void process.stdout.write(await installScript(request, context));
    requireRoot();
    const yesWipeAllDisks = flags.yesWipeAllDisks === true;
    watch.result("installed", await install(request, { ...context, yesWipeAllDisks }));
  } finally {
    workspace.remove();
  }
}

function requestOf(argument: string | undefined, flags: Flags): InstallRequest {
  const lists = [flags.disk, flags.extraFiles, flags.arg, flags.argstr].map((words) => pairsOf(words));
  const { wishes, rest } = nixWishesOf(flags);
  const [disks, extraFiles, expressions, strings] = lists.map(({ pairs }) => pairs);
  return {
    system: onlySystem([argument, flags.flake, ...lists.map((list) => list.rest), ...rest]),
    file: flags.file,
    attr: flags.attr,
    devices: flags.devices,
    lib: flags.lib,
    expressions: Object.fromEntries(expressions ?? []),
    strings: Object.fromEntries(strings ?? []),
    disks: disks ?? [],
    mode: flags.mode,
    extraFiles: extraFiles ?? [],
    writesVariables: flags.writeEfiBootEntries === true,
    settings: flags.systemConfig,
    root: flags.mountPoint,
    seed: flags.seed,
    nixArguments: nixArgumentsOf(wishes),
  };
}

/** A list of pairs goes on up to the next option, so that a system behind it is its last word. */
function onlySystem(words: readonly (string | undefined)[]): string | undefined {
  const systems = words.filter((word) => word !== undefined);
  if (systems.length <= 1) return systems[0];
  throw new MkimageError("USAGE", `several systems are named: ${systems.join(", ")}`, {
    hint: "name one; --disk, --extra-files, --arg, --argstr, --option and --override-input take two words each",
  });
}
