import { readBootspec } from "../nix/bootspec.ts";
import type { BootableSystem } from "./bootloader.ts";
import type { Installer } from "./installer.ts";
import { recogniseInstaller } from "./recognise.ts";
import { localStore } from "./store-reader.ts";

/** A built system with what installs its bootloader. */
interface ReadSystem extends BootableSystem {
  readonly installer: Installer;
}

/** Reads from this machine's store how a built system boots. */
export function readSystem(toplevel: string): ReadSystem {
  const system = { toplevel, bootspec: readBootspec(toplevel) };
  return { ...system, installer: recogniseInstaller(system, localStore) };
}
