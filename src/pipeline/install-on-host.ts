import { emptyInstallation, type Installation } from "../bootloaders/installation.ts";
import type { SystemdBootBuilder } from "../bootloaders/installer.ts";
import { machineIdOf } from "../bootloaders/machine-id.ts";
import { localStore } from "../bootloaders/store-reader.ts";
import { installSystemdBoot } from "../bootloaders/systemd-boot.ts";
import { MkimageError } from "../base/errors.ts";
import type { Blueprint } from "./plan/blueprint.ts";
import { nixosInstallTraces } from "./plan/nixos-install-traces.ts";

/**
 * Makes the installation of a bootloader that the host lays out from the store alone; an empty one for any other. Where
 * nixos-install will do it, this is what it will leave, as far as that is known before: nothing of it is written.
 *
 * @throws MkimageError RESOLVE_FAILED when a file of the bootloader is gone.
 */
export function installOnHost(blueprint: Blueprint): Installation {
  const { boot, source, time } = blueprint;
  const builder = boot.engine === "host" || boot.engine === "nixos-install" ? boot.builder : undefined;
  const installation = builder === undefined ? emptyInstallation : systemdBoot(builder, blueprint);
  if (source.ownInstaller === undefined) return installation;
  return { ...installation, files: nixosInstallTraces(source.files, time) };
}

function systemdBoot(builder: SystemdBootBuilder, { source, time }: Blueprint): Installation {
  const bootspec = source.system?.bootspec;
  if (bootspec === undefined) throw new MkimageError("INTERNAL", "systemd-boot was recognised without a boot.json");
  const machineId = machineIdOf(source.files, bootspec.toplevel, localStore);
  return installSystemdBoot({ builder, bootspec, time, machineId }, localStore);
}
