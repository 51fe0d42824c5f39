import type { Bootloader } from "./bootloader.ts";
import { extlinux } from "./extlinux/index.ts";
import { grub } from "./grub/index.ts";
import { lanzaboote } from "./lanzaboote/index.ts";
import { limine } from "./limine/index.ts";
import { refind } from "./refind/index.ts";
import { systemdBoot } from "./systemd-boot/index.ts";

/** Every bootloader that is known, in the order in which installers are recognised. */
export const bootloaders = {
  "systemd-boot": systemdBoot,
  grub,
  limine,
  extlinux,
  refind,
  lanzaboote,
} as const satisfies Readonly<Record<string, Bootloader>>;

export type BootloaderName = keyof typeof bootloaders;

/** All of them, by their names. */
export const everyBootloader = Object.entries(bootloaders) as readonly (readonly [BootloaderName, Bootloader])[];
