import type { Bootspec } from "../system/bootspec.ts";
import type { SystemdBootConstants } from "./systemd-boot-constants.ts";

/** One entry of the boot menu: a generation of the system, or one of its specialisations. */
export interface BootEntry {
  readonly generation: number;
  readonly specialisation: string | undefined;
  /** The specialisation's own, where it is one. */
  readonly bootspec: Bootspec;
  /** Paths below the boot mount point, without a leading slash. */
  readonly kernel: string;
  readonly initrd: string;
  readonly devicetree: string | undefined;
  /** When the generation was made, in seconds since 1970. */
  readonly built: number;
  readonly machineId: string | undefined;
}

/** The name of an entry's file. */
export function entryName({ generation, specialisation }: Pick<BootEntry, "generation" | "specialisation">): string {
  return `nixos-generation-${generation}${specialisation === undefined ? "" : `-specialisation-${specialisation}`}.conf`;
}

/** The text of an entry. Source: systemd-boot-builder.py; the date is that of UTC. */
export function renderEntry(entry: BootEntry, constants: SystemdBootConstants): string {
  const { bootspec, generation, specialisation, machineId, devicetree } = entry;
  const date = new Date(entry.built * 1000).toISOString().slice(0, 10);
  return lines([
    `title ${constants.distroName}${specialisation === undefined ? "" : ` (${specialisation})`}`,
    constants.sortKeys ? `sort-key ${bootspec.systemdBoot.sortKey ?? "nixos"}` : undefined,
    `version Generation ${generation} ${bootspec.label}, built on ${date}`,
    `linux /${entry.kernel}`,
    `initrd /${entry.initrd}`,
    `options init=${bootspec.init} ${bootspec.kernelParams.join(" ")}`,
    machineId === undefined ? undefined : `machine-id ${machineId}`,
    devicetree === undefined ? undefined : `devicetree /${devicetree}`,
  ]);
}

/** The text of `loader/loader.conf`. */
export function renderLoaderConf(defaultEntry: string, constants: SystemdBootConstants): string {
  return lines([
    constants.timeout === "" ? undefined : `timeout ${constants.timeout}`,
    `default ${defaultEntry}`,
    constants.editor ? undefined : "editor 0",
    constants.rebootForBitlocker ? "reboot-for-bitlocker yes" : undefined,
    `console-mode ${constants.consoleMode}`,
  ]);
}

function lines(parts: readonly (string | undefined)[]): string {
  return parts.map((line) => (line === undefined ? "" : `${line}\n`)).join("");
}
