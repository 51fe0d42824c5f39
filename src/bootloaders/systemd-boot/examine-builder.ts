import type { Bootspec } from "../../nix/bootspec.ts";
import { loaderFiles, systemdVersionAt } from "./bootctl.ts";
import { type ExtraFile, extraFilesOf } from "./extra-files.ts";
import { appendsNothing } from "./initrd-secrets.ts";
import type { BootableSystem } from "../bootloader.ts";
import type { SystemdBootBuilder } from "./builder.ts";
import { Obstacle } from "./obstacle.ts";
import { storeEntryOf, type StoreReader, textAt } from "../store-reader.ts";
import { readSystemdBootConstants, type SystemdBootConstants } from "./constants.ts";

/** A systemd-boot builder, before it is known whether the host can do what it does. */
export interface FoundBuilder {
  readonly path: string;
  readonly program: string;
  /** The commands that the wrapper around the builder runs besides it. */
  readonly extraCommands: readonly string[];
}

/** A builder that is understood, and what it installs. */
interface ExaminedBuilder {
  readonly builder: SystemdBootBuilder;
  readonly bootspec: Bootspec;
}

/**
 * Looks whether the host can do all that a builder would do for a system: its constants, the files that it copies, and
 * what else would run.
 *
 * @throws Obstacle at the first point where it cannot.
 */
export function examineBuilder(
  found: FoundBuilder,
  { toplevel, bootspec }: BootableSystem,
  store: StoreReader,
): ExaminedBuilder {
  const [extra] = found.extraCommands;
  if (extra !== undefined) throw new Obstacle(`it has extraInstallCommands: ${extra}`);
  const constants = readSystemdBootConstants(found.program);
  const systemdVersion = systemdVersionAt(constants.systemd, store);
  const extraFiles = examineExtraFiles(constants, store);
  if (bootspec === undefined) throw new Obstacle("the system has no boot.json");
  if (bootspec.init !== `${toplevel}/init`)
    throw new Obstacle(`boot.json belongs to another system, whose init is ${bootspec.init}`);
  for (const { source } of loaderFiles(constants.systemd, bootspec.system, store)) requireFile(source, store);
  for (const each of [bootspec, ...Object.values(bootspec.specialisations)]) examineBootspec(each, constants, store);
  return { builder: { path: found.path, constants, extraFiles, systemdVersion }, bootspec };
}

function examineExtraFiles(
  { copyExtraFiles, espMountPoint, bootMountPoint }: SystemdBootConstants,
  store: StoreReader,
): ExtraFile[] {
  const script = textAt(copyExtraFiles, store);
  if (script === undefined) throw new Obstacle(`its script for extra files, ${copyExtraFiles}, cannot be read`);
  const extraFiles = extraFilesOf(script);
  for (const { source, target } of extraFiles) {
    if (source !== undefined) requireFile(source, store);
    if ([espMountPoint, bootMountPoint].some((mountPoint) => target.startsWith(`${mountPoint}/`))) continue;
    throw new Obstacle(`its extra file ${target} is on neither boot partition`);
  }
  return extraFiles;
}

function examineBootspec(bootspec: Bootspec, constants: SystemdBootConstants, store: StoreReader): void {
  const { kernel, initrd, initrdSecrets, systemdBoot } = bootspec;
  if (initrd === undefined) throw new Obstacle("boot.json names no initrd");
  if (initrdSecrets !== undefined) examineSecrets(initrdSecrets, store);
  if (systemdBoot.devicetree !== undefined && constants.devicetree === "unknown") {
    throw new Obstacle("its builder writes the device tree in a way that mkimage does not know");
  }
  for (const path of [kernel, initrd, systemdBoot.devicetree]) if (path !== undefined) requireFile(path, store);
}

function examineSecrets(initrdSecrets: string, store: StoreReader): void {
  const script = textAt(initrdSecrets, store);
  if (script !== undefined && appendsNothing(script)) return;
  throw new Obstacle(`${initrdSecrets} adds secrets to the initrd (boot.initrd.secrets)`);
}

function requireFile(path: string, store: StoreReader): void {
  const file = store.locate(path);
  if (file === undefined) throw new Obstacle(`${path}, which belongs on the boot partition, is no file`);
  if (storeEntryOf(file.path) === undefined)
    throw new Obstacle(`${path}, which belongs on the boot partition, is not in the store`);
}
