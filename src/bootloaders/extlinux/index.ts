import type { Bootloader } from "../bootloader.ts";
import { foreignInstaller } from "../foreign.ts";
import { syslinuxEntries } from "./menu.ts";

export const extlinux: Bootloader = {
  name: "extlinux",
  readsFatOnly: false,
  settings: `{ loader, ... }: {
    isOn = loader.generic-extlinux-compatible.enable or false;
    bios = true;
  }`,
  recognise: foreignInstaller("extlinux", /extlinux/i),
  devicesIn: () => [],
  menu: {
    nameInBootBlock: (sector) => /(?:SYS|EXT|ISO)LINUX/.exec(sector)?.[0].toLowerCase(),
    entries: syslinuxEntries,
  },
  firmwareOf: () => ({ bios: true, uefi: false, esp: undefined, xbootldr: undefined }),
};
