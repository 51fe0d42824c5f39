import { MiB } from "../../base/units.ts";
import { textOf } from "../../base/byte-string.ts";
import type { FileInode } from "../../manifest/inode.ts";
import { readStart } from "../file-content.ts";
import { type BootVolume, filesIn } from "./locate.ts";

/** A program that firmware starts without an entry of its own: `EFI/BOOT/BOOT*.EFI`. Source: UEFI 2.10, 3.5.1.1. */
interface EfiLoader {
  readonly name: string;
  readonly path: string;
  /** `X64`, `AA64`, `IA32` … */
  readonly machine: string;
}

const removableName = /^boot(x64|aa64|ia32|arm|riscv64)\.efi$/i;

/** Lists the programs that firmware starts from a FAT filesystem by the path for removable media. */
export function efiLoaders(volume: BootVolume): EfiLoader[] {
  if (!volume.ignoresCase) return [];
  return filesIn(volume, "EFI/BOOT", ".efi").flatMap(({ name, file }) => {
    const machine = removableName.exec(name)?.[1]?.toUpperCase();
    return machine === undefined ? [] : [{ name: loaderName(file), path: `EFI/BOOT/${textOf(name)}`, machine }];
  });
}

/** A unified image is larger, and its loader stands at its beginning. */
const lookedAt = 8 * MiB;

/** Reads the name that a loader carries in itself; an empty or broken one has none. */
function loaderName(file: FileInode): string {
  const bytes = readStart(file, lookedAt);
  if (bytes.toString("latin1", 0, 2) !== "MZ") return "no program";
  const text = bytes.toString("latin1");
  const own = /#### LoaderInfo: ([\x20-\x7e]{1,60}) ####/.exec(text)?.[1];
  if (own !== undefined) return own;
  return text.includes("GRUB") || text.includes("grub_") ? "GRUB" : "EFI program";
}
