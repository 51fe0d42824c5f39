import { measureSteps } from "./fill-job.ts";
import { type GuestInstallRequest, modulesOf, type Mounting, openingSteps, ownerStep } from "./install-job.ts";
import type { GuestJob, JobStep } from "./job.ts";

/** A system that its own `nixos-install` is to install on mounted disks. */
export interface NixosInstallRequest extends Omit<GuestInstallRequest, "capture"> {
  /** The path of the program in the guest. */
  readonly program: string;
  /** Where the disks are mounted. */
  readonly root: string;
  /** The store path of root's channel. */
  readonly channel: string | undefined;
  /** Further store paths of the medium to copy. */
  readonly additionalPaths: readonly string[];
  /** Where the free space is to be found out, in the order of `readFreeSpace`. */
  readonly mountpoints: readonly string[];
}

/** The serial number of the disk with the store and the database that Nix copies from. */
export const mediumSerial = "mkimage-medium";

/**
 * The job that has a system install itself, as the installation medium of NixOS does: with a store that has its closure and
 * knows it, and without a network.
 *
 * @param mounting of disks that are not mounted yet; with none, those that are stay mounted until they are measured.
 */
export function nixosInstallJob(request: NixosInstallRequest, mounting: Mounting): GuestJob {
  return {
    modules: modulesOf(request),
    steps: [
      openingSteps(request, mounting),
      [{ title: "open the store of the medium", argv: ["/vm/open-medium", mediumSerial] }],
      [installStep(request)],
      copyStep(request),
      ownerSteps(request),
      measuredEnd(request, mounting),
    ].flat(),
  };
}

function installStep(request: NixosInstallRequest): JobStep {
  const { program, root, toplevel, channel, installBootloader } = request;
  const flags = [
    "--no-root-passwd",
    ...(channel === undefined ? ["--no-channel-copy"] : ["--channel", channel]),
    ...(installBootloader ? [] : ["--no-bootloader"]),
  ];
  return {
    title: "run nixos-install",
    argv: [program, "--root", root, "--system", toplevel, ...flags],
    environment: environmentOf(request),
    failure: "INSTALLER_FAILED",
  };
}

/** Nix builds nothing here, and finds the medium's store by itself. */
const nixConfiguration = `build-users-group = nixbld
sandbox = false
substitute = true
substituters =
require-sigs = false
experimental-features = nix-command
`;

/** The system's own programs come first, Nix among them, as on its installation medium. */
function environmentOf({ toplevel }: NixosInstallRequest): Record<string, string> {
  return { PATH: `${toplevel}/sw/bin:/toolbox/bin:/bin`, NIX_CONFIG: nixConfiguration };
}

function copyStep(request: NixosInstallRequest): JobStep[] {
  const { additionalPaths, root } = request;
  if (additionalPaths.length === 0) return [];
  const argv = ["/bin/env", "nix", "copy", "--no-check-sigs", "--to", root, ...additionalPaths];
  return [{ title: "copy further store paths", argv, environment: environmentOf(request) }];
}

/** Without a bootloader nobody has activated the system, which knows its users after that. */
function ownerSteps({ owners, installBootloader, toplevel }: NixosInstallRequest): JobStep[] {
  if (owners.length === 0) return [];
  const activate = { title: "activate the system", argv: ["/vm/activate", toplevel] };
  return [...(installBootloader ? [] : [activate]), ...owners.map(ownerStep)];
}

/** Space that a filesystem reserves for pending writes is free only after it is mounted anew. */
function measuredEnd({ root, mountpoints }: NixosInstallRequest, { mount, close }: Mounting): JobStep[] {
  const measure = measureSteps({ root, mountpoints, contents: [] });
  const end = [{ title: "unmount the image", argv: ["/vm/unmount-all"] }, ...close];
  return mount.length === 0 ? [...measure, ...end] : [...end, ...mount, ...measure, ...end];
}
