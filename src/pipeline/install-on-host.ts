import { emptyInstallation, type Installation } from "../bootloaders/installation.ts";
import { machineIdOf } from "../bootloaders/machine-id.ts";
import { localStore } from "../bootloaders/store-reader.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { nixosInstallTraces } from "./plan/nixos-install-traces.ts";

/**
 * Makes the installation of a bootloader that the host lays out from the store alone; an empty one for any other. Where
 * nixos-install will do it, this is what it will leave, as far as that is known before: nothing of it is written.
 *
 * @throws MkimageError RESOLVE_FAILED when a file of the bootloader is gone.
 */
export function installOnHost({ boot, source, time }: Blueprint): Installation {
  const { files, system, ownInstaller } = source;
  const installer = boot.engine === "host" || boot.engine === "nixos-install" ? boot.installer : undefined;
  const installation =
    installer === undefined || system === undefined
      ? emptyInstallation
      : installer.install({ time, machineId: machineIdOf(files, system.toplevel, localStore) }, localStore);
  return ownInstaller === undefined ? installation : { ...installation, files: nixosInstallTraces(files, time) };
}
