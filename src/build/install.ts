import { installSystemdBoot } from "../bootloader/systemd-boot.ts";
import { localStore } from "../bootloader/store-reader.ts";
import { emptyInstallation, type Installation } from "../bootloader/installation.ts";
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
 * Installs the bootloader as the blueprint says: not at all, by laying it out here, or in a guest.
 *
 * @throws MkimageError as `captureInstallation` does.
 */
export async function install(blueprint: Blueprint, folder: string, context: BuildContext): Promise<Installed> {
  const { boot, source } = blueprint;
  if (source.system === undefined || boot.engine === "none") return { installation: emptyInstallation };
  context.reporter.note(boot.reason);
  if (boot.engine === "guest") return captureInstallation(blueprint, source.system, folder, context);
  const { bootspec } = source.system;
  if (bootspec === undefined) throw new MkimageError("INTERNAL", "systemd-boot was recognised without a boot.json");
  return { installation: installSystemdBoot({ builder: boot.builder, bootspec, time: blueprint.time }, localStore) };
}
