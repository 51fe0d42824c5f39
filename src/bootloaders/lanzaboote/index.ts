import type { Bootloader } from "../bootloader.ts";

/** Its installer is not recognised: a system that is built does not say by what it is started. */
export const lanzaboote: Bootloader = {
  name: "lanzaboote",
  readsFatOnly: false,
  settings: `{ config, esp, ... }: {
    isOn = config.boot.lanzaboote.enable or false;
    uefi = true;
    inherit esp;
  }`,
  recognise: () => undefined,
  devicesIn: () => [],
  firmwareOf: () => undefined,
};
