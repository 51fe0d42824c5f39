import type { Bootloader, FirmwareNeeds } from "../bootloader.ts";
import { foreignInstaller } from "../foreign.ts";

export const limine: Bootloader = {
  name: "limine",
  readsFatOnly: true,
  settings: `{ loader, esp, ... }: let limine = loader.limine or { }; in {
    isOn = limine.enable or false;
    devices = if limine.enable or true && limine ? biosDevice then [ limine.biosDevice ] else [ ];
    bios = limine.biosSupport or false;
    uefi = limine.efiSupport or true;
    inherit esp;
  }`,
  recognise: foreignInstaller("limine", /limine/i),
  devicesIn,
  firmwareOf,
};

/** Source: limine-install.py, which reads JSON. */
function devicesIn(settings: string): string[] {
  const device = /"biosDevice"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(settings)?.[1];
  return device === undefined ? [] : [JSON.parse(device) as string];
}

function firmwareOf(settings: readonly string[]): FirmwareNeeds | undefined {
  const text = settings.find((each) => /"biosSupport"\s*:/.test(each)) ?? "";
  const isOn = (name: string) => new RegExp(`"${name}"\\s*:\\s*true`).test(text);
  const [bios, uefi] = [isOn("biosSupport"), isOn("efiSupport")];
  const esp = /"efiMountPoint"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  return bios || uefi ? { bios, uefi, esp, xbootldr: undefined } : undefined;
}
