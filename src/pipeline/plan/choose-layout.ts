import type { BootFirmware } from "../../bootloaders/boot-firmware.ts";
import { parseFstab } from "../../bootloaders/growth/fstab.ts";
import type { Partition } from "../../devices/presets/choices.ts";
import { MkimageError } from "../../base/errors.ts";
import type { InstalledSystem } from "./source.ts";

/** A partition table that a system's own settings ask for. */
export interface ChosenLayout {
  readonly partition: Partition;
  /** Where its boot partitions are mounted, if elsewhere than by default. */
  readonly esp?: string | undefined;
  readonly xbootldr?: string | undefined;
  /** A line for the user: what was chosen, and why. */
  readonly note: string;
}

/**
 * The partition table that the bootloader and the filesystems of a system ask for. Pure.
 *
 * @param needsBootLoader whether one is to be installed: without, a system that does not say takes any.
 * @throws MkimageError BAD_REQUEST when the system has a bootloader and nothing says by what it is started.
 */
export function chooseLayout(system: InstalledSystem, needsBootLoader: boolean): ChosenLayout {
  const { firmware, installer, fstab } = system;
  if (firmware !== undefined) return layoutFor(firmware, fstab);
  const obstacle = installer.host === undefined ? installer.reason : "";
  if (installer.kind !== "none" && needsBootLoader) throw ambiguous(obstacle);
  const reason = installer.kind === "none" ? obstacle : "no bootloader is to be installed";
  return { partition: "legacy", note: noteOn("legacy", reason) };
}

function layoutFor(firmware: BootFirmware, fstab: string): ChosenLayout {
  const { loader, bios, uefi, esp, xbootldr } = firmware;
  if (bios && uefi)
    return { partition: "hybrid", esp, note: noteOn("hybrid", `its ${loader} is for BIOS and for UEFI`) };
  if (!uefi) return layoutForBios(firmware, fstab);
  const place = `its ${loader} is for UEFI, with the EFI system partition at ${esp ?? "/boot"}`;
  if (xbootldr === undefined) return { partition: "efi", esp, note: noteOn("efi", place) };
  return {
    partition: "efixbootldr",
    esp,
    xbootldr,
    note: noteOn("efixbootldr", `${place} and XBOOTLDR at ${xbootldr}`),
  };
}

function layoutForBios({ loader, readsFatOnly }: BootFirmware, fstab: string): ChosenLayout {
  const hasOwnBoot = parseFstab(fstab).some(({ mountPoint }) => mountPoint === "/boot");
  if (!hasOwnBoot && !readsFatOnly) return { partition: "legacy", note: noteOn("legacy", `its ${loader} is for BIOS`) };
  const why = hasOwnBoot ? "/boot is a filesystem of its own" : `${loader} reads FAT only`;
  return { partition: "legacy+boot", note: noteOn("legacy+boot", `its ${loader} is for BIOS, and ${why}`) };
}

function noteOn(partition: Partition, reason: string): string {
  return `the partition table is ${partition}, since ${reason}; --partition gives it another`;
}

function ambiguous(reason: string): MkimageError {
  return new MkimageError("BAD_REQUEST", `nothing says by what firmware the system is to be started: ${reason}`, {
    details: [
      "--partition efi: UEFI, with the EFI system partition at /boot",
      "--partition efixbootldr: UEFI, with the EFI system partition at /efi and kernels at /boot",
      "--partition legacy: BIOS, with /boot on the root filesystem",
      "--partition legacy+boot: BIOS, with /boot on FAT",
      "--partition hybrid: both, with the EFI system partition at /boot",
    ],
    hint: "choose one of these, or give the disks as --devices FILE",
  });
}
