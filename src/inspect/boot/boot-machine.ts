import { MkimageError } from "../../base/errors.ts";
import type { Architecture } from "../../guest/architecture.ts";
import type { BootFacts } from "../facts.ts";

/** `--firmware`. */
export type FirmwareRequest = "auto" | "bios" | "efi";

interface BootMachine {
  readonly firmware: "bios" | "efi";
  readonly architecture: Architecture;
}

/**
 * The machine that an image is for. Where both kinds of firmware find something to start, UEFI is taken, as nearly every
 * machine does. Pure.
 *
 * @throws MkimageError BAD_IMAGE when `auto` finds nothing to start.
 */
export function bootMachine({ firmware, loaders }: BootFacts, request: FirmwareRequest): BootMachine {
  const isArm = loaders.some(({ place }) => /BOOTAA64\.EFI/i.test(place));
  const isIntel = loaders.some(({ place }) => /BOOTX64\.EFI/i.test(place));
  const architecture = isArm && !isIntel ? "aarch64" : "x86_64";
  if (request !== "auto") return { firmware: request, architecture };
  if (firmware.length === 0) {
    throw new MkimageError("BAD_IMAGE", "neither a BIOS nor UEFI firmware would find anything to start in this image", {
      hint: "it has no boot code and no EFI/BOOT/BOOT*.EFI; --firmware bios or --firmware efi tries nevertheless",
    });
  }
  return { firmware: firmware.includes("efi") ? "efi" : "bios", architecture };
}
