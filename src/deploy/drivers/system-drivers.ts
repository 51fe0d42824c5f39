import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readInitrd } from "../../bootloaders/growth/initrd.ts";
import { findKernel } from "../../guest/kernel.ts";
import { moduleName } from "../../guest/modules.ts";
import { type DeviceAlias, readAliases, readBuiltInAliases } from "./device-aliases.ts";

/** The drivers that a system has. */
export interface SystemDrivers {
  /** Modules that its initrd can load; undefined where that cannot be read. */
  readonly initrd: ReadonlySet<string> | undefined;
  /** Drivers that are a part of its kernel. */
  readonly builtIn: ReadonlySet<string>;
  /** For which devices the modules, and the drivers in the kernel, are. */
  readonly aliases: readonly DeviceAlias[];
  /** Whether those of the drivers in the kernel are known. */
  readonly tellsBuiltIn: boolean;
}

/**
 * Reads which drivers a system has: all those of its kernel, and those of its initrd. Undefined where it has no folder of modules.
 *
 * @throws MkimageError INTERRUPTED.
 */
export async function systemDrivers(toplevel: string, signal?: AbortSignal): Promise<SystemDrivers | undefined> {
  const kernel = findKernel(toplevel);
  if (kernel === undefined) return undefined;
  return {
    initrd: await initrdModules(join(toplevel, "initrd"), signal),
    builtIn: kernel.modules.builtIn,
    ...kernelAliases(kernel.modulesFolder),
  };
}

/** Reads for which devices a kernel's drivers are, modules and built-in ones, from its folder of modules. */
export function kernelAliases(modulesFolder: string): Pick<SystemDrivers, "aliases" | "tellsBuiltIn"> {
  const read = (name: string) => {
    const path = join(modulesFolder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const own = read("modules.builtin.modinfo");
  return {
    aliases: [...readAliases(read("modules.alias") ?? ""), ...readBuiltInAliases(own ?? "")],
    tellsBuiltIn: own !== undefined,
  };
}

/** A system without an initrd loads nothing before it has its root. */
async function initrdModules(path: string, signal: AbortSignal | undefined): Promise<Set<string> | undefined> {
  if (!existsSync(path)) return new Set();
  const { members, fault } = await readInitrd(readFileSync(path), { signal });
  if (fault !== null) return undefined;
  const files = [...members.keys()].filter((name) => /\.ko(?:\.(?:xz|gz|zst))?$/.test(name));
  return new Set(files.map(moduleName));
}
