import { moduleName } from "../../guest/modules.ts";
import { isMatch, normalAlias } from "./alias-pattern.ts";

/** A pattern of devices, and the module that is for them. */
export interface DeviceAlias {
  /** In the form in which it is compared. */
  readonly pattern: string;
  readonly module: string;
}

/** Reads `modules.alias`. Pure. Source: depmod(8). */
export function readAliases(table: string): DeviceAlias[] {
  return table.split("\n").flatMap((line) => {
    const [word, pattern, module] = line.split(" ");
    return word === "alias" && pattern !== undefined && module !== undefined ? devices(pattern, module) : [];
  });
}

/** Reads `modules.builtin.modinfo`: facts `module.key=value` with a zero byte behind each. Pure. Source: Linux, Documentation/kbuild/kbuild.rst. */
export function readBuiltInAliases(table: string): DeviceAlias[] {
  return table.split("\0").flatMap((fact) => {
    const [, module = "", pattern = ""] = /^([^.=]+)\.alias=(.*)$/s.exec(fact) ?? [];
    return devices(pattern, module);
  });
}

/** Aliases without a colon are for names, not for devices. */
function devices(pattern: string, module: string): DeviceAlias[] {
  return pattern.includes(":") ? [{ pattern: normalAlias(pattern), module: moduleName(module) }] : [];
}

/** The modules that are for a device, each once. Pure. */
export function modulesFor(aliases: readonly DeviceAlias[], modalias: string): string[] {
  const name = normalAlias(modalias);
  const bus = name.slice(0, name.indexOf(":") + 1);
  const fitting = aliases.filter(({ pattern }) => isOfBus(pattern, bus) && isMatch(pattern, name));
  return [...new Set(fitting.map(({ module }) => module))];
}

/** Most patterns are of another bus, which their first letters say. */
function isOfBus(pattern: string, bus: string): boolean {
  return pattern.startsWith(bus) || /^[^:]*[*?[\\]/.test(pattern);
}
