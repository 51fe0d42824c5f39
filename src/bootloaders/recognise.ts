import type { BootableSystem } from "./bootloader.ts";
import { installCommandIn } from "./install-command.ts";
import type { Installer } from "./installer.ts";
import { everyBootloader } from "./registry.ts";
import { type StoreReader, textAt } from "./store-reader.ts";

/**
 * Finds out what installs a system's bootloader, by following INSTALL_BOOTLOADER, and whether the host can do the same. Never
 * throws for what it does not understand.
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
  for (const [kind, bootloader] of everyBootloader) {
    const recognised = bootloader.recognise({ path, arguments: arguments_, script }, system, store);
    if (recognised !== undefined) return { kind, command, ...recognised };
  }
  return { kind: "unknown", command, reason: `mkimage does not know its installer ${path}` };
}
