import { basename } from "node:path";
import type { Bootspec } from "../system/bootspec.ts";
import { systemdVersionAt, loaderFiles } from "./bootctl.ts";
import { type ExtraFile, extraFilesOf } from "./extra-files.ts";
import { appendsNothing } from "./initrd-secrets.ts";
import { installCommandIn } from "./install-command.ts";
import type { Installer, SystemdBootBuilder } from "./installer.ts";
import { Obstacle } from "./obstacle.ts";
import { shellWords } from "./shell-words.ts";
import { type StoreReader, storeEntryOf } from "./store-reader.ts";
import { isSystemdBootBuilder, readSystemdBootConstants, type SystemdBootConstants } from "./systemd-boot-constants.ts";

/** A system whose bootloader is to be installed. */
export interface BootableSystem {
  readonly toplevel: string;
  readonly bootspec: Bootspec | undefined;
}

/**
 * Finds out what installs a system's bootloader, by following INSTALL_BOOTLOADER, and whether the host can do the same:
 * only for a systemd-boot builder that it understands completely. Never throws for what it does not understand.
 */
export function recogniseInstaller(system: BootableSystem, store: StoreReader): Installer {
  const program = store.read(`${system.toplevel}/bin/switch-to-configuration`);
  const command = program === undefined ? undefined : installCommandIn(program);
  if (program === undefined) return noInstaller("the system has no bin/switch-to-configuration");
  if (command === undefined)
    return noInstaller("bin/switch-to-configuration names no INSTALL_BOOTLOADER that mkimage finds");
  if (isPlaceholder(command)) return noInstaller("the system has no bootloader");
  return follow(command, system, store);
}

function noInstaller(reason: string): Installer {
  return { kind: "none", command: undefined, reason };
}

/** Without a bootloader, NixOS's installer is an echo, or a script with nothing else. */
function isPlaceholder(text: string): boolean {
  return text.includes("do not know how to make this configuration bootable");
}

function follow(command: string, system: BootableSystem, store: StoreReader): Installer {
  const [path = "", ...arguments_] = command.trim().split(/\s+/);
  const script = textAt(path, store);
  if (script === undefined)
    return { kind: "unknown", command, reason: `its installer ${path} is no script that mkimage can read` };
  if (isPlaceholder(script)) return noInstaller("the system has no bootloader");
  const found = systemdBootBuilderOf(path, script, store);
  if (found === undefined) return foreignInstaller(command, path, script);
  try {
    if (arguments_.length > 0) throw new Obstacle(`its installer is called with ${arguments_.join(" ")}`);
    return { kind: "systemd-boot", command, builder: examine(found, system, store) };
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    return { kind: "systemd-boot", command, reason: error.message };
  }
}

/** How a foreign installer is known: by its file's name, or by what its script calls. */
const foreign = [
  { kind: "grub", name: "GRUB", mark: /install-grub/ },
  { kind: "limine", name: "limine", mark: /limine/i },
  { kind: "extlinux", name: "extlinux", mark: /extlinux/i },
] as const;

function foreignInstaller(command: string, path: string, script: string): Installer {
  const known = foreign.find(({ mark }) => mark.test(basename(path)) || mark.test(script));
  if (known === undefined) return { kind: "unknown", command, reason: `mkimage does not know its installer ${path}` };
  return {
    kind: known.kind,
    command,
    reason: `its bootloader is ${known.name}, which only its own installer can install`,
  };
}

interface FoundBuilder {
  readonly path: string;
  readonly program: string;
  /** What the wrapper around the builder runs besides. */
  readonly extraCommands: readonly string[];
}

/** The builder is INSTALL_BOOTLOADER itself, or what the shell script of that name calls with its own arguments. */
function systemdBootBuilderOf(path: string, script: string, store: StoreReader): FoundBuilder | undefined {
  if (isSystemdBootBuilder(script)) return { path, program: script, extraCommands: [] };
  const lines = script.split("\n").map((line) => line.trim());
  const commands = lines.filter((line) => line !== "" && !line.startsWith("#") && !/^set -[a-z]+$/.test(line));
  for (const line of commands) {
    const builder = calledWithArguments(line);
    const program = builder === undefined ? undefined : textAt(builder, store);
    if (builder === undefined || program === undefined || !isSystemdBootBuilder(program)) continue;
    return { path: builder, program, extraCommands: commands.filter((other) => other !== line) };
  }
  return undefined;
}

function calledWithArguments(line: string): string | undefined {
  const words = shellWords(line, { "@": "$@" }) ?? [];
  const [program, ...rest] = words[0] === "exec" ? words.slice(1) : words;
  return rest.length === 1 && rest[0] === "$@" ? program : undefined;
}

function examine(found: FoundBuilder, { toplevel, bootspec }: BootableSystem, store: StoreReader): SystemdBootBuilder {
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
  return { path: found.path, constants, extraFiles, systemdVersion };
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

/** A file as text; `undefined` for a program that is not a script. */
function textAt(path: string, store: StoreReader): string | undefined {
  const bytes = path.startsWith("/") ? store.read(path) : undefined;
  return bytes === undefined || bytes.includes(0) ? undefined : bytes.toString("utf8");
}
