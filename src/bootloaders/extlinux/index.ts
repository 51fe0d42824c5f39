import type { Bootloader } from "../bootloader.ts";
import { foreignInstaller } from "../foreign.ts";

export const extlinux: Bootloader = {
  name: "extlinux",
  readsFatOnly: false,
  settings: `{ loader, ... }: {
    isOn = loader.generic-extlinux-compatible.enable or false;
    bios = true;
  }`,
  recognise: foreignInstaller("extlinux", /extlinux/i),
  devicesIn: () => [],
  firmwareOf: () => ({ bios: true, uefi: false, esp: undefined, xbootldr: undefined }),
};
