import { nixArguments } from "../nix/nix.ts";
import { type Step, step } from "./step.ts";
import { below } from "./words.ts";

/** How a system gets onto disks that are mounted. */
export interface SystemInstallation {
  /** The folder where the disks are mounted. */
  readonly root: string;
  /** A store path of this machine. */
  readonly toplevel: string;
  /** Files and folders of this machine, and their absolute paths in the system. */
  readonly extraFiles: readonly (readonly [from: string, to: string])[];
  /** The system's own `nixos-install`, where it has one. */
  readonly nixosInstall: string | undefined;
  /** Whether there is a bootloader to install. */
  readonly installsBootloader: boolean;
  /** Whether the bootloader's installer may write to this machine's firmware. */
  readonly writesVariables: boolean;
}

/** The steps that install a system: its own installer's, or what that does. Pure. */
export function installSteps(installation: SystemInstallation): Step[] {
  const { nixosInstall, toplevel, root } = installation;
  const files = installation.extraFiles.map(([from, to]) => extraFile(from, to, root));
  if (nixosInstall !== undefined) return [...files, ownInstaller(nixosInstall, installation)];
  return [
    ...files,
    step("system", `copy the system to ${root}`, [], ["nix", ...copyArguments(toplevel, root)]),
    step("system", "make the system the first generation", [], ["nix-env", ...profileArguments(toplevel, root)]),
    step("system", "mark the root as one of NixOS", [], ...marks(root)),
    ...(installation.installsBootloader ? bootloaderSteps(installation) : []),
  ];
}

/** A folder goes into one that is there. Owners of this machine mean nothing in another system, so that root has all. */
function extraFile(from: string, to: string, root: string): Step {
  const target = below(root, to);
  const copy = [
    "cp",
    "--recursive",
    "--preserve=mode,timestamps,links,xattr",
    "--no-target-directory",
    "--",
    from,
    target,
  ];
  const parent = target.slice(0, target.lastIndexOf("/"));
  return step("extra files", `copy ${from} to ${to}`, [], ["mkdir", "-p", parent], copy);
}

/** Passwords and channels are what the configuration says. */
function ownInstaller(
  program: string,
  { root, toplevel, installsBootloader, writesVariables }: SystemInstallation,
): Step {
  const flags = ["--no-root-passwd", "--no-channel-copy", ...(installsBootloader ? [] : ["--no-bootloader"])];
  const argv = [program, "--root", root, "--system", toplevel, ...flags];
  return step("system", "run nixos-install", [], writesVariables ? argv : ["without_variables", ...argv]);
}

/** The arguments of `nix` that copy a closure into the store below a folder; what is there stays. */
function copyArguments(toplevel: string, root: string): string[] {
  return nixArguments("copy", ["--no-check-sigs", "--to", root, toplevel]);
}

function profileArguments(toplevel: string, root: string): string[] {
  return ["--store", root, "--profile", below(root, "/nix/var/nix/profiles/system"), "--set", toplevel];
}

/** Returns the commands that make the mark by which NixOS's programs recognise a system, and their table of mounts. */
function marks(root: string): string[][] {
  return [
    ["mkdir", "-p", below(root, "/etc")],
    ["touch", below(root, "/etc/NIXOS")],
    ["ln", "-sfn", "/proc/mounts", below(root, "/etc/mtab")],
  ];
}

function bootloaderSteps({ root, toplevel, writesVariables }: SystemInstallation): Step[] {
  const install = ["/nix/var/nix/profiles/system/bin/switch-to-configuration", "boot"];
  const variables = writesVariables ? "keep" : "hide";
  return [
    step("system", "activate the system", [], ["activate_system", root, toplevel]),
    step("system", "install the bootloader", [], ["in_system", root, toplevel, variables, ...install]),
  ];
}
