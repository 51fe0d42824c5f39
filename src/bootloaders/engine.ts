import { MkimageError } from "../base/errors.ts";
import type { Installer, SystemdBootBuilder } from "./installer.ts";

/** Where an image's filesystems are mounted, as systemd-boot's builder and bootctl look for them. */
export interface BootMounts {
  readonly all: readonly string[];
  /** FAT in EFI system partitions of a GPT. */
  readonly esp: readonly string[];
  /** FAT in extended boot loader partitions of a GPT. */
  readonly xbootldr: readonly string[];
}

/** The parts of a request that decide where the bootloader is installed. */
export interface EngineRequest {
  readonly engine: "auto" | "host" | "guest";
  readonly touchEfiVars: boolean;
  readonly mounts: BootMounts;
}

/** Where the bootloader is installed, with the point that decided. */
export type Engine =
  | { readonly engine: "host"; readonly reason: string; readonly builder: SystemdBootBuilder }
  | { readonly engine: "guest"; readonly reason: string };

/**
 * Chooses the engine: the host where it can do what the system's own installer would, a guest elsewhere. Pure.
 *
 * @throws MkimageError BAD_REQUEST when the host was asked for and cannot, with the point that decides; when no installer
 *   could, since there is no place for its files. A guest that was asked for may try.
 */
export function decideEngine(request: EngineRequest, installer: Installer): Engine {
  if (request.engine === "guest")
    return { engine: "guest", reason: "the bootloader is installed in a guest, as asked for" };
  const choice = hostOrObstacle(request, installer);
  if (typeof choice !== "string") {
    return {
      engine: "host",
      reason: "systemd-boot is laid out on this machine, as its builder would",
      builder: choice,
    };
  }
  const reason = `the host cannot install the bootloader because ${choice}`;
  if (request.engine === "auto") return { engine: "guest", reason };
  throw new MkimageError("BAD_REQUEST", reason, { hint: "use --engine guest, or auto, which does so by itself" });
}

function hostOrObstacle({ touchEfiVars, mounts }: EngineRequest, installer: Installer): SystemdBootBuilder | string {
  if (installer.builder === undefined) return installer.reason;
  requirePlaces(mounts, installer.builder);
  if (touchEfiVars) return "only firmware can write EFI variables (touchEfiVars)";
  const { espMountPoint, bootMountPoint } = installer.builder.constants;
  if (!mounts.esp.includes(espMountPoint))
    return `${espMountPoint} is no FAT filesystem in an EFI system partition of a GPT`;
  if (bootMountPoint === espMountPoint || mounts.xbootldr.includes(bootMountPoint)) return installer.builder;
  return `${bootMountPoint} is no FAT filesystem in an extended boot loader partition of a GPT`;
}

function requirePlaces({ all }: BootMounts, { constants }: SystemdBootBuilder): void {
  const missing = [constants.espMountPoint, constants.bootMountPoint].find((path) => !all.includes(path));
  if (missing === undefined) return;
  throw new MkimageError(
    "BAD_REQUEST",
    `the bootloader cannot be installed: systemd-boot wants a partition at ${missing}, and the image has none there`,
    {
      hint:
        "use a layout with that partition (--partition efi: /boot; efixbootldr: /boot and /efi), or " +
        "--no-install-boot-loader, or --engine guest, which lets its builder try",
    },
  );
}
