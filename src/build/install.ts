import { emptyInstallation, type Installation } from "../bootloader/installation.ts";
import { machineIdOf } from "../bootloader/machine-id.ts";
import { localStore } from "../bootloader/store-reader.ts";
import { installSystemdBoot } from "../bootloader/systemd-boot.ts";
import { MkimageError } from "../errors.ts";
import type { Blueprint } from "../plan/blueprint.ts";
import { captureInstallation } from "./capture.ts";
import type { BuildContext } from "./context.ts";

/** What a bootloader's installation leaves for the final image. */
export interface Installed {
  readonly installation: Installation;
  /** A file with the firmware's variables, where they were to be written. */
  readonly variables?: string | undefined;
  /** A disk that has to be published as the installer left it, and why. */
  readonly scratchDisk?: { readonly path: string; readonly reason: string };
}

/**
 * What the host itself installs, which needs no more than a look at the store; nothing where a guest has to.
 *
 * @throws MkimageError RESOLVE_FAILED when a file of the bootloader is gone.
 */
export function installOnHost({ boot, source, time }: Blueprint): Installation {
  if (boot.engine !== "host") return emptyInstallation;
  const bootspec = source.system?.bootspec;
  if (bootspec === undefined) throw new MkimageError("INTERNAL", "systemd-boot was recognised without a boot.json");
  const machineId = machineIdOf(source.files, bootspec.toplevel, localStore);
  return installSystemdBoot({ builder: boot.builder, bootspec, time, machineId }, localStore);
}

/**
 * Installs the bootloader as the blueprint says: not at all, by laying it out here, or in a guest.
 *
 * @throws MkimageError as `captureInstallation` does.
 */
export async function install(blueprint: Blueprint, folder: string, context: BuildContext): Promise<Installed> {
  const { boot, source } = blueprint;
  if (boot.engine !== "guest" || source.system === undefined) return { installation: installOnHost(blueprint) };
  context.reporter.note(boot.reason);
  return captureInstallation(blueprint, source.system, folder, context);
}
