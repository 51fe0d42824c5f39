import test from "ava";
import { efiLoaders } from "../../../src/inspect/boot/efi-loader.ts";
import { file, folder } from "../../filesystems/ext4/trees.ts";

const info = (text: string) => `MZ${"\0".repeat(600)}#### LoaderInfo: ${text} ####`;

// What a program is, by its bytes, and whether verify may ask for its menu.
const programs: readonly (readonly [bytes: string, name: string, hasMenu: boolean])[] = [
  [info("systemd-boot 257.6"), "systemd-boot 257.6", true],
  [`MZ${"\0".repeat(600)}grub_main`, "GRUB", true],
  [`${info("rEFInd 0.14.2")} starts GRUB`, "rEFInd 0.14.2", false],
  [info("lanzaboote"), "lanzaboote", false],
  [`MZ${"\0".repeat(600)}`, "EFI program", false],
  ["", "no program", false],
  ["#!/bin/sh\n# GRUB\n", "no program", false],
];

for (const [bytes, name, hasMenu] of programs) {
  test(`EFI/BOOT/BOOTX64.EFI of ${JSON.stringify(bytes.replaceAll("\0", ""))} is ${name}`, (t) => {
    const root = folder({ EFI: folder({ BOOT: folder({ "BOOTX64.EFI": file(bytes) }) }) });
    const volume = { root, ignoresCase: true, uuid: null, label: null, partition: 1, name: "partition 1" };
    t.deepEqual(efiLoaders(volume), [{ name, hasMenu, path: "EFI/BOOT/BOOTX64.EFI", machine: "X64" }]);
  });
}
