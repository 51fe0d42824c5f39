import { MkimageError } from "../../base/errors.ts";
import type { Bootspec } from "../../nix/bootspec.ts";
import type { BootMounts, HostInstaller, HostInstallOptions } from "../host-installer.ts";
import type { Installation } from "../installation.ts";
import type { StoreReader } from "../store-reader.ts";
import type { SystemdBootBuilder } from "./builder.ts";
import { installSystemdBoot } from "./install.ts";

/** Stands in for a builder of systemd-boot and for the bootctl that it calls. */
export class SystemdBootHost implements HostInstaller {
  readonly summary = "systemd-boot is laid out on this machine, as its builder would";
  readonly builder: SystemdBootBuilder;
  readonly #bootspec: Bootspec;

  constructor(builder: SystemdBootBuilder, bootspec: Bootspec) {
    this.builder = builder;
    this.#bootspec = bootspec;
  }

  requirePlaces({ all }: BootMounts): void {
    const { espMountPoint, bootMountPoint } = this.builder.constants;
    const missing = [espMountPoint, bootMountPoint].find((path) => !all.includes(path));
    if (missing !== undefined) throw noPlaceAt(missing);
  }

  obstacleIn({ esp, xbootldr }: BootMounts): string | undefined {
    const { espMountPoint, bootMountPoint } = this.builder.constants;
    if (!esp.includes(espMountPoint))
      return `${espMountPoint} is no FAT filesystem in an EFI system partition of a GPT`;
    if (bootMountPoint === espMountPoint || xbootldr.includes(bootMountPoint)) return undefined;
    return `${bootMountPoint} is no FAT filesystem in an extended boot loader partition of a GPT`;
  }

  install(options: HostInstallOptions, store: StoreReader): Installation {
    return installSystemdBoot({ builder: this.builder, bootspec: this.#bootspec, ...options }, store);
  }
}

function noPlaceAt(path: string): MkimageError {
  return new MkimageError(
    "BAD_REQUEST",
    `the bootloader cannot be installed: systemd-boot wants a partition at ${path}, and the image has none there`,
    {
      hint:
        "use a layout with that partition (--partition efi: /boot; efixbootldr: /boot and /efi), or " +
        "--no-install-boot-loader, or --engine guest, which lets its builder try",
    },
  );
}
