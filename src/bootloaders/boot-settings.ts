import { readFileSync, statSync } from "node:fs";
import * as z from "zod";
import { KiB } from "../base/units.ts";
import { type BootFirmware, firmwareExpression, firmwareOfInstaller, parseEvaluatedFirmware } from "./boot-firmware.ts";
import { installCommandIn } from "./install-command.ts";
import type { Installer } from "./installer.ts";
import { localStore } from "./store-reader.ts";

/** The settings of a bootloader that decide about disks. */
export interface BootSettings {
  /** The disks that it is to be installed on; empty where it needs none, or says so in no way that is known here. */
  readonly devices: readonly string[];
  /** `undefined`: its settings do not say. */
  readonly firmware: BootFirmware | undefined;
}

const evaluatedSchema = z.object({ grub: z.array(z.string()), limine: z.array(z.string()), firmware: z.unknown() });

/** Asks a configuration for its devices and its firmware; options that it does not have count as empty. */
export const bootSettingsExpression = `config:
let
  grub = config.boot.loader.grub or { };
  limine = config.boot.loader.limine or { };
  mirrored = builtins.concatLists (map (boot: boot.devices or [ ]) (grub.mirroredBoots or [ ]));
in {
  grub = if grub.enable or true then (grub.devices or [ ]) ++ mirrored else [ ];
  limine = if limine.enable or true && limine ? biosDevice then [ limine.biosDevice ] else [ ];
  firmware = (${firmwareExpression}) config;
}`;

/** The settings of the bootloader of a configuration, by what Nix makes of `bootSettingsExpression`. */
export function parseBootSettings(evaluated: unknown): BootSettings {
  const { grub, limine, firmware } = evaluatedSchema.parse(evaluated);
  return { devices: realDevices([...grub, ...limine]), firmware: parseEvaluatedFirmware(firmware) };
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

/**
 * The devices in an installer's settings. Pure.
 *
 * Source: NixOS's install-grub reads `builtins.toXML` of a set with the list `devices`; limine-install reads JSON with
 * `biosDevice`.
 */
export function parseBootDevices(settings: string): string[] {
  const list = /<attr name="devices">\s*<list>(.*?)<\/list>/s.exec(settings)?.[1] ?? "";
  const ofGrub = [...list.matchAll(/<string value="([^"]*)"/g)].map(([, value]) => decodeXml(value as string));
  const ofLimine = /"biosDevice"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(settings)?.[1];
  return ofLimine === undefined ? ofGrub : [...ofGrub, JSON.parse(ofLimine) as string];
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

const xmlEntities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return xmlEntities[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
