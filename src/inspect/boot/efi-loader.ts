import { MiB } from "../../base/units.ts";
import { everyBootloader } from "../../bootloaders/registry.ts";
import { textOf } from "../../base/byte-string.ts";
import type { FileInode } from "../../manifest/inode.ts";
import { readStart } from "../../manifest/stored-content.ts";
import { type BootVolume, filesIn } from "../../bootloaders/menu/boot-volume.ts";

/** A program that firmware starts without an entry of its own: `EFI/BOOT/BOOT*.EFI`. Source: UEFI 2.10, 3.5.1.1. */
interface EfiLoader {
  readonly name: string;
  readonly path: string;
  /** `X64`, `AA64`, `IA32` … */
  readonly machine: string;
  /** Whether it shows a menu that mkimage reads. */
  readonly hasMenu: boolean;
}

const removableName = /^boot(x64|aa64|ia32|arm|riscv64)\.efi$/i;

/** Lists the programs that firmware starts from a FAT filesystem by the path for removable media. */
export function efiLoaders(volume: BootVolume): EfiLoader[] {
  if (!volume.ignoresCase) return [];
  return filesIn(volume, "EFI/BOOT", ".efi").flatMap(({ name, file }) => {
    const machine = removableName.exec(name)?.[1]?.toUpperCase();
    return machine === undefined ? [] : [{ ...identify(file), path: `EFI/BOOT/${textOf(name)}`, machine }];
  });
}

/** A unified image is larger, and its loader stands at its beginning. */
const lookedAt = 8 * MiB;

/** Reads the name that a loader carries in itself; an empty or broken one has none. */
function identify(file: FileInode): Pick<EfiLoader, "name" | "hasMenu"> {
  const text = readStart(file, lookedAt).toString("latin1");
  if (!text.startsWith("MZ")) return { name: "no program", hasMenu: false };
  const known = everyBootloader.flatMap(([, { menu }]) => menu?.nameInProgram?.(text) ?? [])[0];
  const own = /#### LoaderInfo: ([\x20-\x7e]{1,60}) ####/.exec(text)?.[1];
  // Programs name others too, such as those that they start.
  return { name: own ?? known ?? "EFI program", hasMenu: known !== undefined && (own ?? known) === known };
}
