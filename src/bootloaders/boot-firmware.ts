import * as z from "zod";
import type { Installer } from "./installer.ts";

/** The firmware that a system is to be started by, as far as its settings say, and what that needs. */
export interface BootFirmware {
  /** The name of its bootloader, for people. */
  readonly loader: string;
  readonly bios: boolean;
  readonly uefi: boolean;
  /** Where it has its EFI system partition; undefined: it does not say. */
  readonly esp: string | undefined;
  /** Where it has an extended boot loader partition. */
  readonly xbootldr: string | undefined;
  /** Whether it reads kernels from FAT only. */
  readonly readsFatOnly: boolean;
}

const evaluatedSchema = z.array(
  z.object({
    loader: z.string(),
    bios: z.boolean(),
    uefi: z.boolean(),
    esp: z.string().nullable(),
    xbootldr: z.string().nullable(),
  }),
);

/**
 * A Nix function of `config` for the bootloaders that are enabled, for `parseEvaluatedFirmware`. Options that a configuration
 * does not have count as off.
 *
 * Source: the modules of NixOS under `boot.loader`, and lanzaboote's.
 */
export const firmwareExpression = `config: let
  loader = config.boot.loader or { };
  get = name: loader.\${name} or { };
  esp = (get "efi").efiSysMountPoint or null;
  isOn = set: set.enable or false;
  isDevice = device: device != "nodev" && device != "";
  grub = get "grub";
  mirrored = grub.mirroredBoots or [ ];
  grubDevices = (grub.devices or [ ]) ++ builtins.concatLists (map (boot: boot.devices or [ ]) mirrored);
  grubEsps = builtins.filter (path: path != null) (map (boot: boot.efiSysMountPoint or null) mirrored);
  grubEsp = if grubEsps == [ ] then esp else builtins.head grubEsps;
  limine = get "limine";
  entry = name: { bios ? false, uefi ? false, esp ? null, xbootldr ? null }: { loader = name; inherit bios uefi esp xbootldr; };
  when = condition: value: if condition then [ value ] else [ ];
  ofUefi = name: entry name { uefi = true; inherit esp; };
in when (isOn grub) (entry "GRUB" { bios = builtins.any isDevice grubDevices; uefi = grub.efiSupport or false; esp = grubEsp; })
++ when (isOn limine) (entry "limine" { bios = limine.biosSupport or false; uefi = limine.efiSupport or true; inherit esp; })
++ when (isOn (get "systemd-boot"))
  (entry "systemd-boot" { uefi = true; inherit esp; xbootldr = (get "systemd-boot").xbootldrMountPoint or null; })
++ when (isOn (get "refind")) (ofUefi "rEFInd")
++ when (isOn (config.boot.lanzaboote or { })) (ofUefi "lanzaboote")
++ when (isOn (get "generic-extlinux-compatible")) (entry "extlinux" { bios = true; })`;

/** The firmware of a configuration with one bootloader; `undefined` where it has none that is known, or several. */
export function parseEvaluatedFirmware(evaluated: unknown): BootFirmware | undefined {
  const [only, ...others] = evaluatedSchema.parse(evaluated);
  if (only === undefined || others.length > 0 || !(only.bios || only.uefi)) return undefined;
  const { esp, xbootldr } = only;
  return { ...only, esp: esp ?? undefined, xbootldr: xbootldr ?? undefined, readsFatOnly: only.loader === "limine" };
}

/**
 * The firmware of a system that is built, by its installer and the settings that this reads; `undefined` where they do not
 * say. Pure.
 *
 * @param settings the texts that the installer leads to.
 */
export function firmwareOfInstaller(installer: Installer, settings: readonly string[]): BootFirmware | undefined {
  switch (installer.kind) {
    case "systemd-boot":
      return firmwareOfSystemdBoot(installer);
    case "grub":
      return firmwareOfGrub(settings.filter((text) => text.includes('<attr name="grubTargetEfi">')));
    case "limine":
      return firmwareOfLimine(settings);
    case "extlinux":
      return { ...nothing, loader: "extlinux", bios: true };
    case "unknown":
    case "none":
      return undefined;
  }
}

const nothing: BootFirmware = {
  loader: "",
  bios: false,
  uefi: false,
  esp: undefined,
  xbootldr: undefined,
  readsFatOnly: false,
};

function firmwareOfSystemdBoot({ builder, places }: Installer): BootFirmware {
  const { espMountPoint: esp, bootMountPoint } = builder?.constants ?? places ?? {};
  const xbootldr = bootMountPoint === esp ? undefined : bootMountPoint;
  return { ...nothing, loader: "systemd-boot", uefi: true, esp, xbootldr };
}

/** Source: install-grub.pl, which reads `builtins.toXML`; it has one file for each of `mirroredBoots`. */
function firmwareOfGrub(settings: readonly string[]): BootFirmware | undefined {
  const isGiven = (name: string) => settings.some((text) => (settingIn(text, name) ?? "") !== "");
  const [bios, uefi] = [isGiven("grubTarget"), isGiven("grubTargetEfi")];
  const esp = settings.map((text) => settingIn(text, "efiSysMountPoint")).find((path) => path?.startsWith("/"));
  return bios || uefi ? { ...nothing, loader: "GRUB", bios, uefi, esp: uefi ? esp : undefined } : undefined;
}

function settingIn(xml: string, name: string): string | undefined {
  return new RegExp(`<attr name="${name}">\\s*<string value="([^"]*)"`).exec(xml)?.[1];
}

/** Source: limine-install.py, which reads JSON. */
function firmwareOfLimine(settings: readonly string[]): BootFirmware | undefined {
  const text = settings.find((each) => /"biosSupport"\s*:/.test(each)) ?? "";
  const isOn = (name: string) => new RegExp(`"${name}"\\s*:\\s*true`).test(text);
  const [bios, uefi] = [isOn("biosSupport"), isOn("efiSupport")];
  const esp = /"efiMountPoint"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  return bios || uefi ? { ...nothing, loader: "limine", bios, uefi, esp, readsFatOnly: true } : undefined;
}
