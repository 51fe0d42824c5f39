import { emptyInstallation, type Installation } from "../bootloaders/installation.ts";
import { machineIdOf } from "../bootloaders/machine-id.ts";
import { localStore } from "../bootloaders/store-reader.ts";
import { installSystemdBoot } from "../bootloaders/systemd-boot.ts";
import { MkimageError } from "../base/errors.ts";
import type { Blueprint } from "./plan/blueprint.ts";

/**
 * Makes the installation of a bootloader that the host lays out from the store alone; an empty one for any other.
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
