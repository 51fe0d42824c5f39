import { readFileSync } from "node:fs";
import { join } from "node:path";

const storeFile = /\/nix\/store\/[0-9a-z]{32}-[0-9A-Za-z+\-._?=]+(?:\/[0-9A-Za-z+\-._?=]+)*/;

/**
 * The program that installs a system's boot loader: the value of INSTALL_BOOTLOADER in `bin/switch-to-configuration`,
 * which is a shell wrapper, a compiled one, or (until NixOS 24.11) Perl with the path written into it. `undefined` where
 * the system has no such program, or none that is in the store.
 */
export function installBootLoaderOf(toplevel: string): string | undefined {
  const wrapper = readLatin1(join(toplevel, "bin/switch-to-configuration"));
  return wrapper === undefined ? undefined : parseInstallBootLoader(wrapper);
}

/** As `installBootLoaderOf`, from the wrapper's bytes as latin1. Pure. */
export function parseInstallBootLoader(wrapper: string): string | undefined {
  const named = new RegExp(`install_?boot_?loader['"\\s\\0=]{1,8}(${storeFile.source})`, "i");
  return named.exec(wrapper)?.[1];
}

/** Every file and folder of the store that a text names. Pure. */
export function storeFilesIn(text: string): string[] {
  return [...new Set(text.match(new RegExp(storeFile.source, "g")) ?? [])];
}

function readLatin1(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
