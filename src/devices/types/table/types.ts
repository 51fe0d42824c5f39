import type { TablePartitionNode } from "./schema.ts";
import { MkimageError } from "../../../base/errors.ts";

const linux = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
const basicData = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7";
const linuxSwap = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F";
const efiSystem = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
const appleHfs = "48465300-0000-11AA-AA11-00306543ECAC";

/** The meaning of a flag for a GPT partition: its type, or an attribute bit. */
const gptFlags: Readonly<Record<string, string | number>> = {
  boot: efiSystem,
  esp: efiSystem,
  swap: linuxSwap,
  raid: "A19D880F-05FC-4D3B-A006-743F0F84911E",
  lvm: "E6D6D379-F507-44C2-A23C-238F2A3DF928",
  irst: "D3BFE2DE-3DAF-11DF-BA40-E3A556D89593",
  msftres: "E3C9E316-0B5C-4DB8-817D-F92DF00215AE",
  msftdata: basicData,
  chromeos_kernel: "FE3A2A5D-4F32-41A7-B725-ACCC3285A309",
  bls_boot: "BC13C2FF-59E6-4262-A352-B275FD6F7172",
  "linux-home": "933AC7E1-2EB4-4F13-B844-0E14E2AEF915",
  bios_grub: "21686148-6449-6E6F-744E-656564454649",
  prep: "9E1A2D38-C612-4316-AA26-8B49521E5A8B",
  diag: "DE94BBA4-06D1-4D40-A16A-BFD50179D6AC",
  hidden: 0,
  legacy_boot: 2,
};

const gptFilesystems: Readonly<Record<string, string>> = {
  fat16: basicData,
  fat32: basicData,
  ntfs: basicData,
  udf: basicData,
  hfs: appleHfs,
  "hfs+": appleHfs,
  "linux-swap": linuxSwap,
};

const msdosFlags: Readonly<Record<string, number>> = {
  swap: 0x82,
  raid: 0xfd,
  lvm: 0x8e,
  irst: 0x84,
  msftres: 0x27,
  esp: 0xef,
  bls_boot: 0xea,
  prep: 0x41,
  palo: 0xf0,
  diag: 0x12,
};

const msdosFilesystems: Readonly<Record<string, number>> = {
  fat16: 0x0e,
  fat32: 0x0c,
  ntfs: 0x07,
  udf: 0x07,
  hfs: 0xaf,
  "hfs+": 0xaf,
  "linux-swap": 0x82,
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
    type: types.at(-1) ?? gptFilesystems[node["fs-type"] ?? ""] ?? linux,
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
  const byFilesystem = msdosFilesystems[node["fs-type"] ?? ""] ?? 0x83;
  const type = node["part-type"] === "extended" ? 0x0f : (types.at(-1) ?? byFilesystem);
  return { type, active: flags.includes("boot") };
}

function flagsOf(node: TablePartitionNode): string[] {
  return [...(node.bootable ? ["boot"] : []), ...node.flags];
}

function refuseFlag(flag: string, key: string, known: readonly string[]): never {
  throw new MkimageError("BAD_REQUEST", `partition ${key}: ${flag} is no flag of this kind of table`, {
    hint: `the flags are ${known.join(", ")}`,
  });
}
