import type { TablePartitionNode } from "./schema.ts";
import { MkimageError } from "../../../base/errors.ts";
import { gptAttributes } from "../../../structures/gpt/entry.ts";
import { gptTypes } from "../../../structures/gpt/partition-types.ts";
import { mbrTypes } from "../../../structures/mbr/partition-types.ts";

/** The meaning of a flag for a GPT partition: its type, or an attribute bit. */
const gptFlags: Readonly<Record<string, string | number>> = {
  boot: gptTypes.efiSystem,
  esp: gptTypes.efiSystem,
  swap: gptTypes.linuxSwap,
  raid: gptTypes.raid,
  lvm: gptTypes.lvm,
  irst: gptTypes.intelFastFlash,
  msftres: gptTypes.microsoftReserved,
  msftdata: gptTypes.basicData,
  chromeos_kernel: gptTypes.chromeOsKernel,
  bls_boot: gptTypes.extendedBoot,
  "linux-home": gptTypes.home,
  bios_grub: gptTypes.biosBoot,
  prep: gptTypes.prepBoot,
  diag: gptTypes.windowsRecovery,
  hidden: gptAttributes.required,
  legacy_boot: gptAttributes.legacyBoot,
};

const gptFilesystems: Readonly<Record<string, string>> = {
  fat16: gptTypes.basicData,
  fat32: gptTypes.basicData,
  ntfs: gptTypes.basicData,
  udf: gptTypes.basicData,
  hfs: gptTypes.appleHfs,
  "hfs+": gptTypes.appleHfs,
  "linux-swap": gptTypes.linuxSwap,
};

const msdosFlags: Readonly<Record<string, number>> = {
  swap: mbrTypes.linuxSwap,
  raid: mbrTypes.raid,
  lvm: mbrTypes.lvm,
  irst: mbrTypes.intelRapidStart,
  msftres: mbrTypes.windowsRecovery,
  esp: mbrTypes.efiSystem,
  bls_boot: mbrTypes.extendedBoot,
  prep: mbrTypes.prepBoot,
  palo: mbrTypes.palo,
  diag: mbrTypes.diagnostics,
};

const msdosFilesystems: Readonly<Record<string, number>> = {
  fat16: mbrTypes.fat16Lba,
  fat32: mbrTypes.fat32Lba,
  ntfs: mbrTypes.ntfs,
  udf: mbrTypes.ntfs,
  hfs: mbrTypes.hfs,
  "hfs+": mbrTypes.hfs,
  "linux-swap": mbrTypes.linuxSwap,
};

/**
 * The type and attribute bits that parted 3.5 gives a GPT partition.
 *
 * @throws MkimageError BAD_REQUEST when there is no such flag.
 */
export function partedGptType(node: TablePartitionNode, key: string): { type: string; attributes: number[] } {
  const effects = flagsOf(node).map((flag) => gptFlags[flag] ?? refuseFlag(flag, key, Object.keys(gptFlags)));
  const types = effects.filter((effect) => typeof effect === "string");
  const bits = effects.filter((effect) => typeof effect === "number");
  return {
    type: types.at(-1) ?? gptFilesystems[node["fs-type"] ?? ""] ?? gptTypes.linux,
    attributes: [...new Set(bits)].toSorted((a, b) => a - b),
  };
}

/**
 * The type byte and the active flag that parted 3.5 gives an msdos partition.
 *
 * @throws MkimageError BAD_REQUEST when there is no such flag.
 */
export function partedMsdosType(node: TablePartitionNode, key: string): { type: number; active: boolean } {
  const flags = flagsOf(node);
  const known = [...Object.keys(msdosFlags), "boot", "lba"];
  const types = flags
    .filter((flag) => flag !== "boot" && flag !== "lba")
    .map((flag) => msdosFlags[flag] ?? refuseFlag(flag, key, known));
  const byFilesystem = msdosFilesystems[node["fs-type"] ?? ""] ?? mbrTypes.linux;
  const type = node["part-type"] === "extended" ? mbrTypes.extendedLba : (types.at(-1) ?? byFilesystem);
  return { type, active: flags.includes("boot") };
}

/** The words of a tree from which an msdos partition gets this type byte; `undefined` where none do. */
export function partedWordsOf(
  type: number,
): { readonly "fs-type"?: string; readonly flags?: readonly string[] } | undefined {
  if (type === mbrTypes.linux) return {};
  const filesystem = Object.entries(msdosFilesystems).find(([, byte]) => byte === type)?.[0];
  if (filesystem !== undefined) return { "fs-type": filesystem };
  const flag = Object.entries(msdosFlags).find(([, byte]) => byte === type)?.[0];
  return flag === undefined ? undefined : { flags: [flag] };
}

function flagsOf(node: TablePartitionNode): string[] {
  return [...(node.bootable ? ["boot"] : []), ...node.flags];
}

function refuseFlag(flag: string, key: string, known: readonly string[]): never {
  throw new MkimageError("BAD_REQUEST", `partition ${key}: ${flag} is no flag of this kind of table`, {
    hint: `the flags are ${known.join(", ")}`,
  });
}
