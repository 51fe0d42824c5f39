import type { Bootloader } from "../bootloader.ts";
import { loaderEntries } from "./menu.ts";
import { recogniseSystemdBoot } from "./recognise.ts";

export const systemdBoot: Bootloader = {
  name: "systemd-boot",
  readsFatOnly: false,
  settings: `{ loader, esp, ... }: let systemd-boot = loader.systemd-boot or { }; in {
    isOn = systemd-boot.enable or false;
    uefi = true;
    inherit esp;
    xbootldr = systemd-boot.xbootldrMountPoint or null;
  }`,
  recognise: recogniseSystemdBoot,
  devicesIn: () => [],
  menu: {
    // The program says its version too.
    nameInProgram: (text) => /#### LoaderInfo: (systemd-boot[\x20-\x7e]{0,40}) ####/.exec(text)?.[1],
    entries: loaderEntries,
  },
  firmwareOf: (_, places) => ({ bios: false, uefi: true, esp: places?.esp, xbootldr: places?.xbootldr }),
};
