import { basename } from "node:path";
import { type BootableSystem, examineBuilder, type FoundBuilder } from "./examine-builder.ts";
import { installCommandIn } from "./install-command.ts";
import type { Installer } from "./installer.ts";
import { Obstacle } from "./obstacle.ts";
import { shellWords } from "./shell-words.ts";
import { type StoreReader, textAt } from "./store-reader.ts";
import { isSystemdBootBuilder, readSystemdBootConstants, type SystemdBootConstants } from "./systemd-boot-constants.ts";

/**
 * Finds out what installs a system's bootloader, by following INSTALL_BOOTLOADER, and whether the host can do the same:
 * only for a systemd-boot builder that it understands completely. Never throws for what it does not understand.
 */
export function recogniseInstaller(system: BootableSystem, store: StoreReader): Installer {
  const program = store.read(`${system.toplevel}/bin/switch-to-configuration`);
  if (program === undefined) return noInstaller("the system has no bin/switch-to-configuration");
  const command = installCommandIn(program);
  if (command === undefined) {
    return {
      kind: "unknown",
      command,
      reason: "its bin/switch-to-configuration names no INSTALL_BOOTLOADER that mkimage finds",
    };
  }
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
  if (script === undefined) {
    return { kind: "unknown", command, reason: `its installer ${path} is no script that mkimage can read` };
  }
  if (isPlaceholder(script)) return noInstaller("the system has no bootloader");
  const found = systemdBootBuilderOf(path, script, store);
  if (found === undefined) return foreignInstaller(command, path, script);
  try {
    if (arguments_.length > 0) throw new Obstacle(`its installer is called with ${arguments_.join(" ")}`);
    return { kind: "systemd-boot", command, builder: examineBuilder(found, system, store) };
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    return { kind: "systemd-boot", command, reason: error.message, places: placesIn(found.program) };
  }
}

function placesIn(builder: string): SystemdBootConstants | undefined {
  try {
    return readSystemdBootConstants(builder);
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    return undefined;
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
