import type { BootPlaces } from "../bootloader.ts";
import type { SystemdBootConstants } from "./constants.ts";
import type { ExtraFile } from "./extra-files.ts";

/** A builder of systemd-boot that the host can stand in for. */
export interface SystemdBootBuilder {
  /** The path of the Python program. */
  readonly path: string;
  readonly constants: SystemdBootConstants;
  readonly extraFiles: readonly ExtraFile[];
  /** The version of systemd whose bootctl would run. */
  readonly systemdVersion: number;
}

/** The mount points that a builder writes to. */
export function placesOf({ espMountPoint, bootMountPoint }: SystemdBootConstants): BootPlaces {
  return { esp: espMountPoint, xbootldr: bootMountPoint === espMountPoint ? undefined : bootMountPoint };
}
