import type { Bootloader, FirmwareNeeds } from "../bootloader.ts";
import { foreignInstaller } from "../foreign.ts";
import { boundTo } from "./bound-code.ts";
import { isGrub, mark } from "./code.ts";
import { coreFaults } from "./core-faults.ts";
import { grubEntries } from "./menu.ts";

export const grub: Bootloader = {
  name: "GRUB",
  readsFatOnly: false,
  settings: `{ loader, esp, ... }: let
    grub = loader.grub or { };
    mirrored = grub.mirroredBoots or [ ];
    devices = (grub.devices or [ ]) ++ builtins.concatLists (map (boot: boot.devices or [ ]) mirrored);
    esps = builtins.filter (path: path != null) (map (boot: boot.efiSysMountPoint or null) mirrored);
  in {
    isOn = grub.enable or false;
    devices = if grub.enable or true then devices else [ ];
    bios = builtins.any (device: device != "nodev" && device != "") devices;
    uefi = grub.efiSupport or false;
    esp = if esps == [ ] then esp else builtins.head esps;
  }`,
  recognise: foreignInstaller("GRUB", /install-grub/),
  devicesIn,
  firmwareOf,
  code: { isIn: isGrub, boundTo, faults: coreFaults },
  menu: {
    nameInBootBlock: (sector) => (sector.includes(mark) ? "GRUB" : undefined),
    nameInProgram: (text) => (text.includes("GRUB") || text.includes("grub_") ? "GRUB" : undefined),
    entries: grubEntries,
  },
};

/** Source: install-grub.pl, which reads `builtins.toXML` of a set with the list `devices`. */
function devicesIn(settings: string): string[] {
  const list = /<attr name="devices">\s*<list>(.*?)<\/list>/s.exec(settings)?.[1] ?? "";
  return [...list.matchAll(/<string value="([^"]*)"/g)].map(([, value]) => decodeXml(value as string));
}

/** There is a text of settings for each of `mirroredBoots`. */
function firmwareOf(texts: readonly string[]): FirmwareNeeds | undefined {
  const settings = texts.filter((text) => text.includes('<attr name="grubTargetEfi">'));
  const isGiven = (name: string) => settings.some((text) => (settingIn(text, name) ?? "") !== "");
  const [bios, uefi] = [isGiven("grubTarget"), isGiven("grubTargetEfi")];
  const esp = settings.map((text) => settingIn(text, "efiSysMountPoint")).find((path) => path?.startsWith("/"));
  return bios || uefi ? { bios, uefi, esp: uefi ? esp : undefined, xbootldr: undefined } : undefined;
}

function settingIn(xml: string, name: string): string | undefined {
  return new RegExp(`<attr name="${name}">\\s*<string value="([^"]*)"`).exec(xml)?.[1];
}

const xmlEntities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return xmlEntities[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
