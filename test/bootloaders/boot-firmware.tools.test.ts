import { execFileSync } from "node:child_process";
import test from "ava";
import { type BootFirmware, firmwareOfInstaller } from "../../src/bootloaders/boot-firmware.ts";
import { bootSettingsExpression, parseBootSettings } from "../../src/bootloaders/boot-settings.ts";
import type { Installer } from "../../src/bootloaders/installer.ts";
import { systemdBoot } from "../pipeline/drafts.ts";

// What firmware a system is for, from its configuration and from what was built of it.

/** The result of the parsing of a configuration, evaluated by Nix itself. */
function firmwareOf(boot: string): BootFirmware | undefined {
  const words = ["--extra-experimental-features", "nix-command", "eval", "--json", "--expr"];
  const json = execFileSync("nix", [...words, `(${bootSettingsExpression}) { boot = ${boot}; }`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return parseBootSettings(JSON.parse(json)).firmware;
}

const efi = 'efi.efiSysMountPoint = "/boot/efi";';
const bios = { bios: true, uefi: false };
const uefi = { bios: false, uefi: true };

const configurations: readonly (readonly [what: string, boot: string, firmware: object])[] = [
  ["systemd-boot", `{ loader = { ${efi} systemd-boot.enable = true; }; }`, { ...uefi, esp: "/boot/efi" }],
  [
    "systemd-boot with XBOOTLDR",
    `{ loader = { ${efi} systemd-boot = { enable = true; xbootldrMountPoint = "/boot"; }; }; }`,
    { ...uefi, esp: "/boot/efi", xbootldr: "/boot" },
  ],
  ["GRUB on a disk", '{ loader.grub = { enable = true; devices = [ "/dev/sda" ]; }; }', bios],
  [
    "GRUB on mirrored disks",
    '{ loader.grub = { enable = true; mirroredBoots = [ { devices = [ "/dev/sdb" ]; } ]; }; }',
    bios,
  ],
  [
    "GRUB for UEFI alone",
    `{ loader = { ${efi} grub = { enable = true; devices = [ "nodev" ]; efiSupport = true; }; }; }`,
    { ...uefi, esp: "/boot/efi" },
  ],
  [
    "GRUB for both",
    `{ loader = { ${efi} grub = { enable = true; devices = [ "/dev/sda" ]; efiSupport = true; }; }; }`,
    { bios: true, uefi: true, esp: "/boot/efi" },
  ],
  [
    "limine for both",
    "{ loader.limine = { enable = true; biosSupport = true; efiSupport = true; }; }",
    { bios: true, uefi: true, readsFatOnly: true },
  ],
  ["lanzaboote", `{ loader = { ${efi} }; lanzaboote.enable = true; }`, { ...uefi, loader: "lanzaboote" }],
  ["rEFInd", `{ loader = { ${efi} refind.enable = true; }; }`, { ...uefi, esp: "/boot/efi" }],
  ["extlinux", "{ loader.generic-extlinux-compatible.enable = true; }", { ...bios, loader: "extlinux" }],
];

for (const [what, boot, firmware] of configurations) {
  test(`of a configuration with ${what}`, (t) => t.like(firmwareOf(boot), firmware));
}

for (const [what, boot] of [
  ["nothing", "{ }"],
  ["bootloaders that are off", "{ loader = { grub.enable = false; systemd-boot.enable = false; }; }"],
  ["GRUB on no disk at all", "{ loader.grub.enable = true; }"],
  ["two of them", "{ loader = { systemd-boot.enable = true; generic-extlinux-compatible.enable = true; }; }"],
] as const) {
  test(`a configuration with ${what} does not say`, (t) => t.is(firmwareOf(boot), undefined));
}

type Foreign = Exclude<Installer, { readonly host: object }>;

const foreign = (kind: Foreign["kind"]): Foreign => ({
  kind,
  command: "/install",
  reason: "of a test",
});

const grubSettings = (target: string, targetEfi: string, esp: string) =>
  `<?xml version='1.0' encoding='utf-8'?><expr><attrs>
    <attr name="efiSysMountPoint">\n      <string value="${esp}" />\n    </attr>
    <attr name="grubTarget">\n      <string value="${target}" />\n    </attr>
    <attr name="grubTargetEfi">\n      <string value="${targetEfi}" />\n    </attr></attrs></expr>`;

const systems: readonly (readonly [
  what: string,
  installer: Installer,
  settings: readonly string[],
  firmware: object | undefined,
])[] = [
  ["systemd-boot", systemdBoot("/boot"), [], { ...uefi, esp: "/boot", xbootldr: undefined }],
  ["systemd-boot with XBOOTLDR", systemdBoot("/efi", "/boot"), [], { ...uefi, esp: "/efi", xbootldr: "/boot" }],
  [
    "a systemd-boot that the host does not take over",
    { ...foreign("systemd-boot"), places: { esp: "/efi", xbootldr: "/boot" } },
    [],
    { ...uefi, esp: "/efi", xbootldr: "/boot" },
  ],
  ["a systemd-boot that is not understood", foreign("systemd-boot"), [], { ...uefi, esp: undefined }],
  ["GRUB for BIOS", foreign("grub"), ["#!/bin/sh", grubSettings("i386-pc", "", "/boot")], { ...bios, esp: undefined }],
  ["GRUB for UEFI", foreign("grub"), [grubSettings("", "x86_64-efi", "/boot/efi")], { ...uefi, esp: "/boot/efi" }],
  [
    "GRUB for both, mirrored",
    foreign("grub"),
    [grubSettings("i386-pc", "", ""), grubSettings("i386-pc", "x86_64-efi", "/boot")],
    { bios: true, uefi: true, esp: "/boot" },
  ],
  ["GRUB without settings", foreign("grub"), [], undefined],
  [
    "limine",
    foreign("limine"),
    ['{"biosSupport": true, "efiSupport":false,"efiMountPoint":"/boot"}'],
    { ...bios, readsFatOnly: true },
  ],
  ["limine without settings", foreign("limine"), ["limine"], undefined],
  ["extlinux", foreign("extlinux"), [], bios],
  ["an installer that is not known", foreign("unknown"), [], undefined],
  ["no installer", foreign("none"), [], undefined],
];

for (const [what, installer, settings, firmware] of systems) {
  test(`of a system with ${what}`, (t) => {
    const found = firmwareOfInstaller(installer, settings);
    if (firmware === undefined) t.is(found, undefined);
    else t.like(found, firmware);
  });
}
