import { Obstacle } from "./obstacle.ts";
import { inlineConstants } from "./inline-constants.ts";
import { type EntryNames, knownEntryNames } from "./known-builder.ts";
import { pythonConstants } from "./python-constants.ts";
import type { PythonValue } from "./python-expression.ts";

/** The constants in a systemd-boot builder of NixOS. Paths are absolute unless said otherwise. */
export interface SystemdBootConstants {
  readonly espMountPoint: string;
  /** Where kernels and entries go: XBOOTLDR's mount point, or the ESP's again. */
  readonly bootMountPoint: string;
  /** The folder of kernels below `bootMountPoint`, without slashes at its ends: `EFI/nixos`. */
  readonly nixosFolder: string;
  /** Seconds, or a word such as `menu-force`; empty for no line. */
  readonly timeout: string;
  readonly editor: boolean;
  readonly consoleMode: string;
  readonly rebootForBitlocker: boolean;
  readonly distroName: string;
  /** The store path of systemd. */
  readonly systemd: string;
  readonly touchesEfiVariables: boolean;
  /** The script that copies further files. */
  readonly copyExtraFiles: string;
  /** Whether kernels are named by the store path they lie in, or by the folder they lie in (24.05 and before). */
  readonly namesByStorePath: boolean;
  /** By what the files of entries are named. */
  readonly entryNames: EntryNames;
  /** How often an entry is tried before it counts as bad; `undefined` where boots are not counted, as up to 25.11. */
  readonly bootCountingTries: string | undefined;
  /** Whether an entry has a sort key (from 24.05 on). */
  readonly sortKeys: boolean;
  /** Whether an entry names further initrds. */
  readonly extraInitrds: boolean;
  /** Whether an entry names a device tree; `unknown` where the line would not be what a boot loader can read. */
  readonly devicetree: "written" | "ignored" | "unknown";
}

/**
 * Reads the constants of a systemd-boot builder completely, from releases that keep them at the head of the program
 * (24.05 to 26.05) and from those that have them in place (23.11).
 *
 * @throws Obstacle at the first thing that is not known.
 * Source: nixos/modules/system/boot/loader/systemd-boot/systemd-boot-builder.py.
 */
export function readSystemdBootConstants(program: string): SystemdBootConstants {
  const entryNames = knownEntryNames(program);
  const constants = pythonConstants(program, new Set(["FILE", "BOOT_ENTRY"]));
  const values = constants.has("EFI_SYS_MOUNT_POINT") ? valuesOf(constants) : inlineConstants(program);
  return {
    ...values,
    entryNames,
    sortKeys: /^(?:.*["'])?sort-key \{/m.test(program),
    extraInitrds: program.includes("extra-initrd"),
    devicetree: devicetreeOf(program, constants.get("NIXOS_DIR")),
  };
}

/** Whether a program is a systemd-boot builder of NixOS, of whatever release. */
export function isSystemdBootBuilder(program: string): boolean {
  return /^#!.*python/.test(program) && program.includes("bootctl") && program.includes("loader.conf");
}

/** The constants that mkimage reads, and those that it may ignore, since they do not affect what a new image gets. */
const knownNames = new Set(
  [
    "EFI_SYS_MOUNT_POINT BOOT_MOUNT_POINT NIXOS_DIR TIMEOUT EDITOR CONSOLE_MODE DISTRO_NAME SYSTEMD",
    "REBOOT_FOR_BITLOCKER CAN_TOUCH_EFI_VARIABLES COPY_EXTRA_FILES STORE_DIR LOADER_CONF ENTRIES PROFILE",
    "BOOTSPEC_TOOLS NIX CONFIGURATION_LIMIT GRACEFUL CHECK_MOUNTPOINTS BOOT_COUNTING BOOT_COUNTING_TRIES",
  ].flatMap((names) => names.split(" ")),
);

function valuesOf(constants: ReadonlyMap<string, PythonValue>) {
  const unknown = [...constants.keys()].find((name) => !knownNames.has(name));
  if (unknown !== undefined) throw new Obstacle(`its builder has a constant ${unknown}, which mkimage does not know`);
  const espMountPoint = mountPointOf(constants, "EFI_SYS_MOUNT_POINT");
  const bootMountPoint = constants.has("BOOT_MOUNT_POINT")
    ? mountPointOf(constants, "BOOT_MOUNT_POINT")
    : espMountPoint;
  requirePlace(constants, "LOADER_CONF", `${espMountPoint}/loader/loader.conf`);
  requirePlace(constants, "ENTRIES", `${bootMountPoint}/loader/entries`);
  requirePlace(constants, "PROFILE", "/nix/var/nix/profiles/system");
  return {
    espMountPoint,
    bootMountPoint,
    nixosFolder: textOf(constants, "NIXOS_DIR").replaceAll(/^\/+|\/+$/g, ""),
    timeout: textOf(constants, "TIMEOUT"),
    editor: flagOf(constants, "EDITOR"),
    consoleMode: textOf(constants, "CONSOLE_MODE"),
    rebootForBitlocker: constants.has("REBOOT_FOR_BITLOCKER") && flagOf(constants, "REBOOT_FOR_BITLOCKER"),
    distroName: textOf(constants, "DISTRO_NAME"),
    systemd: textOf(constants, "SYSTEMD"),
    touchesEfiVariables: touchesEfiVariables(constants),
    copyExtraFiles: textOf(constants, "COPY_EXTRA_FILES"),
    namesByStorePath: constants.has("STORE_DIR"),
    bootCountingTries: countsBoots(constants) ? textOf(constants, "BOOT_COUNTING_TRIES") : undefined,
  };
}

/** A text up to 25.11, from 26.05 on a yes or no. */
function touchesEfiVariables(constants: ReadonlyMap<string, PythonValue>): boolean {
  const name = "CAN_TOUCH_EFI_VARIABLES";
  const value = constants.get(name);
  return typeof value === "boolean" ? value : textOf(constants, name) === "1";
}

function countsBoots(constants: ReadonlyMap<string, PythonValue>): boolean {
  return constants.has("BOOT_COUNTING") && flagOf(constants, "BOOT_COUNTING");
}

/** A constant that follows from others, or is the same everywhere, may be missing but not be different. */
function requirePlace(constants: ReadonlyMap<string, PythonValue>, name: string, place: string): void {
  if (!constants.has(name) || textOf(constants, name) === place) return;
  throw new Obstacle(`its builder has ${textOf(constants, name)} for ${name}, where mkimage knows ${place}`);
}

function mountPointOf(constants: ReadonlyMap<string, PythonValue>, name: string): string {
  const path = textOf(constants, name);
  if (/^\/[^/]/.test(path)) return path.replace(/\/+$/, "");
  throw new Obstacle(`its builder has ${JSON.stringify(path)} for ${name}, which is no mount point`);
}

function textOf(constants: ReadonlyMap<string, PythonValue>, name: string): string {
  const value = constants.get(name);
  const text = typeof value === "object" && value !== null ? value.path : value;
  if (typeof text === "string" || typeof text === "number") return String(text);
  throw new Obstacle(
    `its builder has no text for ${name}${value === undefined ? "" : `, but ${JSON.stringify(value)}`}`,
  );
}

function flagOf(constants: ReadonlyMap<string, PythonValue>, name: string): boolean {
  const value = constants.get(name);
  if (typeof value === "boolean") return value;
  throw new Obstacle(
    `its builder has no yes or no for ${name}${value === undefined ? "" : `, but ${JSON.stringify(value)}`}`,
  );
}

/** While paths were strings, they began with the slash that an entry needs; later the line has to bring it. */
function devicetreeOf(program: string, nixosFolder: PythonValue | undefined): SystemdBootConstants["devicetree"] {
  if (!/["']devicetree /.test(program)) return "ignored";
  if (/f"devicetree \/\{(?:devicetree|str\(devicetree\.path\))\}/.test(program)) return "written";
  return typeof nixosFolder === "string" && program.includes('"devicetree %s\\n" % devicetree') ? "written" : "unknown";
}
