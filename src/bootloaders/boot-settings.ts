import { readFileSync, statSync } from "node:fs";
import * as z from "zod";
import { KiB } from "../base/units.ts";
import { type BootFirmware, firmwareFor, firmwareOfInstaller } from "./boot-firmware.ts";
import type { EvaluatedSettings } from "./bootloader.ts";
import { installCommandIn } from "./install-command.ts";
import type { Installer } from "./installer.ts";
import { type BootloaderName, everyBootloader } from "./registry.ts";
import { localStore } from "./store-reader.ts";

/** The settings of a bootloader that decide about disks. */
export interface BootSettings {
  /** The disks that it is to be installed on; empty where it needs none, or says so in no way that is known here. */
  readonly devices: readonly string[];
  /** `undefined`: its settings do not say. */
  readonly firmware: BootFirmware | undefined;
}

const place = z.string().nullish();
const evaluated: z.ZodType<EvaluatedSettings> = z.object({
  isOn: z.boolean(),
  devices: z.array(z.string()).optional(),
  bios: z.boolean().optional(),
  uefi: z.boolean().optional(),
  esp: place,
  xbootldr: place,
});
const evaluatedSchema = z.record(z.string(), evaluated);

/** Asks a configuration for the settings of its bootloaders. */
export const bootSettingsExpression = `config:
let
  loader = config.boot.loader or { };
  given = { inherit config loader; esp = (loader.efi or { }).efiSysMountPoint or null; };
  ask = settings: let found = settings given; in
    if found.isOn then found else { isOn = false; devices = found.devices or [ ]; };
in {
${everyBootloader.map(([kind, { settings }]) => `  ${kind} = ask (${settings});`).join("\n")}
}`;

/** The settings of the bootloader of a configuration, by what Nix makes of `bootSettingsExpression`. */
export function parseBootSettings(value: unknown): BootSettings {
  const settings = evaluatedSchema.parse(value);
  const found = everyBootloader.flatMap(([kind]) =>
    settings[kind] === undefined ? [] : [{ kind, ...settings[kind] }],
  );
  return {
    devices: realDevices(found.flatMap(({ devices = [] }) => devices)),
    firmware: onlyFirmware(found.filter(({ isOn }) => isOn)),
  };
}

/** The firmware where one bootloader is on; `undefined` where none is that is known, or several. */
function onlyFirmware(found: readonly (EvaluatedSettings & { kind: BootloaderName })[]): BootFirmware | undefined {
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) return undefined;
  const { kind, bios = false, uefi = false, esp, xbootldr } = only;
  return bios || uefi
    ? firmwareFor(kind, { bios, uefi, esp: esp ?? undefined, xbootldr: xbootldr ?? undefined })
    : undefined;
}

/** The same for a system that was given as a store path: from the files in the store that its installer leads to. */
export function findBootSettings(installer: Installer): BootSettings {
  const texts = settingsFrom(installer.command);
  return { devices: realDevices(texts.flatMap(parseBootDevices)), firmware: firmwareOfInstaller(installer, texts) };
}

/** The disks of `BootSettings` alone, for a system whose installer nobody has to know. */
export function findBootDevices(toplevel: string): string[] {
  const program = localStore.read(`${toplevel}/bin/switch-to-configuration`);
  return realDevices(
    settingsFrom(program === undefined ? undefined : installCommandIn(program)).flatMap(parseBootDevices),
  );
}

function settingsFrom(command: string | undefined): string[] {
  return command === undefined ? [] : textsFrom(storeFilesIn(command));
}

/** The devices in an installer's settings. Pure. */
export function parseBootDevices(settings: string): string[] {
  return everyBootloader.flatMap(([, { devicesIn }]) => devicesIn(settings));
}

/** Builders and their settings are a few KiB; what is larger is an interpreter or a library. */
const largestText = 256 * KiB;
const deepest = 3;

const storeFile = /\/nix\/store\/[0-9a-z]{32}-[0-9A-Za-z+\-._?=]+(?:\/[0-9A-Za-z+\-._?=]+)*/g;

/** Every file and folder of the store that a text names. Pure. */
export function storeFilesIn(text: string): string[] {
  return [...new Set(text.match(storeFile) ?? [])];
}

/** The texts of some files and of those that they name, a few steps far. */
function textsFrom(start: readonly string[]): string[] {
  const texts = new Map<string, string>();
  let files = [...start];
  for (let depth = 0; depth <= deepest; depth += 1) {
    const fresh = files.filter((file) => !texts.has(file));
    for (const file of fresh) texts.set(file, readText(file));
    files = fresh.flatMap((file) => storeFilesIn(texts.get(file) as string));
  }
  return [...texts.values()];
}

function readText(file: string): string {
  try {
    const stats = statSync(file);
    const text = stats.isFile() && stats.size <= largestText ? readFileSync(file, "utf8") : "";
    return text.includes("\0") ? "" : text;
  } catch {
    // A name that a script puts together, or a comment: nothing to follow.
    return "";
  }
}

function realDevices(devices: readonly string[]): string[] {
  return [...new Set(devices)].filter((device) => device !== "nodev" && device !== "");
}
