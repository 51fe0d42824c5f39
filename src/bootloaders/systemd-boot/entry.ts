import { createHash } from "node:crypto";
import type { Bootspec } from "../../nix/bootspec.ts";
import type { SystemdBootConstants } from "./constants.ts";

/** One entry of the boot menu: a generation of the system, or one of its specialisations. */
interface BootEntry {
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

/** The file of an entry, in `loader/entries`. */
export interface EntryFile {
  /** The name of the entry in loader.conf. */
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

/** The file of an entry as the builder of the release writes it. Source: systemd-boot-builder.py; the date is that of UTC. */
export function entryFile(entry: BootEntry, constants: SystemdBootConstants): EntryFile {
  return fileOf[constants.entryNames](entry, constants);
}

const fileOf = { generation: fileByGeneration, content: fileByContent };

function fileByGeneration(entry: BootEntry, constants: SystemdBootConstants): EntryFile {
  const { generation, specialisation, bootspec, machineId } = entry;
  const suffix = specialisation === undefined ? "" : `-specialisation-${specialisation}`;
  const name = `nixos-generation-${generation}${suffix}.conf`;
  const text = lines([
    titleOf(entry, constants),
    constants.sortKeys ? sortKeyOf(bootspec) : undefined,
    versionOf(entry),
    `linux /${entry.kernel}`,
    `initrd /${entry.initrd}`,
    `options init=${bootspec.init} ${bootspec.kernelParams.join(" ")}`,
    machineId === undefined ? undefined : `machine-id ${machineId}`,
    devicetreeOf(entry),
  ]);
  return { id: name, name, text };
}

/** No line end follows the last line. While boots are counted, the name says how many tries are left. */
function fileByContent(entry: BootEntry, constants: SystemdBootConstants): EntryFile {
  const { bootspec, machineId } = entry;
  const text = lines([
    titleOf(entry, constants),
    versionOf(entry),
    `linux /${entry.kernel}`,
    `initrd /${entry.initrd}`,
    ...(constants.extraInitrds ? bootspec.extraInitrds.map((path) => `initrd /${path}`) : []),
    `options ${[`init=${bootspec.init}`, ...bootspec.kernelParams].join(" ")}`,
    machineId === undefined ? undefined : `machine-id ${machineId}`,
    devicetreeOf(entry),
    sortKeyOf(bootspec),
  ]).slice(0, -1);
  const prefix = `nixos-${createHash("sha256").update(text).digest("hex")}`;
  const { bootCountingTries } = constants;
  return {
    id: `${prefix}.conf`,
    name: `${prefix}${bootCountingTries === undefined ? "" : `+${bootCountingTries}`}.conf`,
    text,
  };
}

/** The text of `loader/loader.conf`. An entry whose boots are counted is preferred, as long as it is not known to be bad. */
export function renderLoaderConf(defaultId: string, constants: SystemdBootConstants): string {
  const isCounted = constants.bootCountingTries !== undefined;
  return lines([
    constants.timeout === "" ? undefined : `timeout ${constants.timeout}`,
    isCounted ? `preferred ${defaultId}` : undefined,
    `default ${isCounted ? "nixos-*" : defaultId}`,
    constants.editor ? undefined : "editor 0",
    constants.rebootForBitlocker ? "reboot-for-bitlocker yes" : undefined,
    `console-mode ${constants.consoleMode}`,
  ]);
}

function titleOf({ specialisation }: BootEntry, { distroName }: SystemdBootConstants): string {
  return `title ${distroName}${specialisation === undefined ? "" : ` (${specialisation})`}`;
}

function sortKeyOf({ systemdBoot }: Bootspec): string {
  return `sort-key ${systemdBoot.sortKey ?? "nixos"}`;
}

function versionOf({ generation, bootspec, built }: BootEntry): string {
  const date = new Date(built * 1000).toISOString().slice(0, 10);
  return `version Generation ${generation} ${bootspec.label}, built on ${date}`;
}

function devicetreeOf({ devicetree }: BootEntry): string | undefined {
  return devicetree === undefined ? undefined : `devicetree /${devicetree}`;
}

function lines(parts: readonly (string | undefined)[]): string {
  return parts.map((line) => (line === undefined ? "" : `${line}\n`)).join("");
}
