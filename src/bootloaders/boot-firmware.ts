import type { FirmwareNeeds } from "./bootloader.ts";
import type { Installer } from "./installer.ts";
import { type BootloaderName, bootloaders } from "./registry.ts";

/** The firmware that a system is to be started by, as far as its settings say, and what that needs. */
export interface BootFirmware extends FirmwareNeeds {
  /** The name of its bootloader, for people. */
  readonly loader: string;
  /** Whether it reads kernels from FAT only. */
  readonly readsFatOnly: boolean;
}

/** The needs of one system, with what holds of all that have its bootloader. Pure. */
export function firmwareFor(kind: BootloaderName, needs: FirmwareNeeds): BootFirmware {
  const { name, readsFatOnly } = bootloaders[kind];
  return { ...needs, loader: name, readsFatOnly };
}

/**
 * The firmware of a system that is built, by its installer and the settings that this reads; `undefined` where they do not
 * say. Pure.
 *
 * @param settings the texts that the installer leads to.
 */
export function firmwareOfInstaller(
  { kind, places }: Installer,
  settings: readonly string[],
): BootFirmware | undefined {
  if (kind === "unknown" || kind === "none") return undefined;
  const needs = bootloaders[kind].firmwareOf(settings, places);
  return needs === undefined ? undefined : firmwareFor(kind, needs);
}
