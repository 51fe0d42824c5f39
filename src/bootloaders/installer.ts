import type { ExtraFile } from "./extra-files.ts";
import type { SystemdBootConstants } from "./systemd-boot-constants.ts";

/** A systemd-boot that the host can lay out as its builder would. */
export interface SystemdBootBuilder {
  /** The path of the Python program. */
  readonly path: string;
  readonly constants: SystemdBootConstants;
  readonly extraFiles: readonly ExtraFile[];
  /** The version of systemd whose bootctl would run. */
  readonly systemdVersion: number;
}

/** The installer of the bootloader of a system. */
export type Installer =
  | {
      readonly kind: "systemd-boot";
      readonly command: string;
      readonly builder: SystemdBootBuilder;
      readonly places?: undefined;
    }
  | {
      readonly kind: "systemd-boot" | "grub" | "limine" | "extlinux" | "unknown" | "none";
      /** INSTALL_BOOTLOADER; `undefined` when there is none. */
      readonly command: string | undefined;
      readonly builder?: undefined;
      /** Where a systemd-boot has its partitions, if that is all that its builder tells. */
      readonly places?: Pick<SystemdBootConstants, "espMountPoint" | "bootMountPoint"> | undefined;
      /** The reason why the host cannot take over: the end of a sentence. */
      readonly reason: string;
    };
