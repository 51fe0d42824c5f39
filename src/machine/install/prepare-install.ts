import { readSystem } from "../../bootloaders/read-system.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import { MkimageError } from "../../base/errors.ts";
import type { SystemInstallation } from "../../steps/install-steps.ts";
import { programOfSystem } from "../../nix/program-of-system.ts";
import type { NixOptions } from "../../nix/nix.ts";
import { nixSession } from "../../nix/session.ts";
import type { Reporter, TaskReporter } from "../../runtime/reporter.ts";
import { type Closure, queryClosure } from "../../nix/closure.ts";
import { type ReadDevices, devicesOfSystem } from "../../request/read-devices.ts";
import { type ResolvedSystem, resolveSystem } from "../../nix/resolve.ts";
import { systemSourceFor } from "../../nix/source.ts";
import { checkRequest } from "./check-request.ts";
import { buildChanged, takesNoModules } from "./extend.ts";
import { devicesByName } from "./devices-by-name.ts";
import type { InstallRequest } from "./install-request.ts";

/** Everything that an installation needs, found and built while the disks are as they were. */
export interface PreparedInstall {
  readonly tree: DeviceTree;
  readonly installation: SystemInstallation;
  readonly closure: Closure;
  /** Where disks are on this machine, by name; the others are where the tree says. */
  readonly devices: Readonly<Record<string, string>>;
}

/** The callbacks and the abort signal of the phase that changes no disk. */
export interface PreparingContext {
  /** A folder that stays until the installation is over: what is built is held from there. */
  readonly scratchFolder: string;
  readonly signal: AbortSignal;
  /** Called with what reading the tree has found worth knowing: that a part of it was not looked at. */
  readonly onNote: (text: string) => void;
  /** Tells of work that may take long: Nix builds. */
  readonly task: Reporter["task"];
}

/**
 * Resolves what is to be installed, builds it for this machine's disks, and checks what can be checked without them.
 *
 * @throws MkimageError RESOLVE_FAILED, NOT_A_SYSTEM, BAD_REQUEST.
 */
export async function prepareInstall(request: InstallRequest, context: PreparingContext): Promise<PreparedInstall> {
  checkRequest(request);
  return context.task("Reading the system", (task) => prepared(request, context, task));
}

async function prepared(
  request: InstallRequest,
  { signal, onNote, scratchFolder }: PreparingContext,
  task: TaskReporter,
): Promise<PreparedInstall> {
  const { nixArguments } = request;
  const options = nixSession({ signal, nixArguments, rootsFolder: scratchFolder, onNote, task });
  const resolved = await resolveSystem(systemSourceFor(request.system, request.file, request.attr), options);
  const { tree, notes } = await treeOf(request, resolved, options);
  notes.forEach(onNote);
  const devices = devicesByName(tree, request.disks);
  const toplevel = await changedSystem(request, resolved, movedDevices(tree, devices), options);
  const { installer } = readSystem(toplevel);
  const { root, extraFiles, writesVariables } = request;
  return {
    tree,
    devices,
    closure: await queryClosure([toplevel], options),
    installation: {
      root,
      toplevel,
      extraFiles,
      writesVariables,
      nixosInstall: programOfSystem(toplevel, "nixos-install"),
      installsBootloader: installer.kind !== "none",
    },
  };
}

async function treeOf(request: InstallRequest, system: ResolvedSystem, options: NixOptions): Promise<ReadDevices> {
  const found = await devicesOfSystem(request, system.configuration, options);
  if (found !== undefined) return found;
  throw new MkimageError("BAD_REQUEST", "nothing says how the disks are laid out", {
    hint: "give the system disko.devices, or a device tree in a file: --devices disk.nix",
  });
}

/** The system as it has to be on these disks and this machine, as far as its configuration can be changed. */
async function changedSystem(
  request: InstallRequest,
  { configuration, toplevel }: ResolvedSystem,
  devices: Readonly<Record<string, string>>,
  options: NixOptions,
): Promise<string> {
  const { settings, writesVariables } = request;
  if (configuration === undefined) {
    if (settings !== undefined) throw takesNoModules();
    return toplevel;
  }
  const changes = { devices, writesVariables, settings };
  return (await buildChanged(configuration, changes, options)) ?? toplevel;
}

/** From the devices that the tree names to those that stand for them here. */
function movedDevices(tree: DeviceTree, devices: Readonly<Record<string, string>>): Record<string, string> {
  const moved = Object.values(tree.disk).flatMap(({ name, device }) => {
    const here = devices[name];
    return device === null || here === undefined ? [] : [[device, here] as const];
  });
  return Object.fromEntries(moved);
}
