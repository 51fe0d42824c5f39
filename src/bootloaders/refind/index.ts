import type { Bootloader } from "../bootloader.ts";

/** Its installer is not recognised: a system that is built does not say by what it is started. */
export const refind: Bootloader = {
  name: "rEFInd",
  readsFatOnly: false,
  settings: `{ loader, esp, ... }: {
    isOn = loader.refind.enable or false;
    uefi = true;
    inherit esp;
  }`,
  recognise: () => undefined,
  devicesIn: () => [],
  firmwareOf: () => undefined,
};
