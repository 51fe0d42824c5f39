import { MkimageError } from "../../base/errors.ts";
import type { Bytes } from "../../base/units.ts";
import { run } from "../../runtime/run.ts";
import { programLimits } from "./program-limits.ts";

/** The signatures that blkid finds in a partition or disk. */
export interface Signature {
  /** As blkid names it: `ext4`, `vfat`, `swap`, `LVM2_member`, `crypto_LUKS`, … */
  readonly type: string | null;
  /** `FAT32`; of a container `2`. */
  readonly version: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  /** `gpt`, `dos`, or whatever else stands for a table. */
  readonly table: string | null;
}

/** The limits of blkid: no image can choose how much it reads. */
const limits = programLimits(0);

const nothing: Signature = { type: null, version: null, label: null, uuid: null, table: null };

/** Asks blkid about a part of a raw image. An unknown or ambiguous signature counts as none. */
export async function readSignature(
  path: string,
  offset: Bytes,
  size: Bytes,
  signal?: AbortSignal,
): Promise<Signature> {
  if (size === 0) return nothing;
  const options = { signal, deadlineSeconds: 60, limits };
  try {
    return parseSignature((await run("blkid", signatureArguments(path, offset, size), options)).stdout);
  } catch (error) {
    if (error instanceof MkimageError && error.code === "COMMAND_FAILED") return nothing;
    throw error;
  }
}

/** The types of all marks in a raw file or a device, those of tables too: where there are several, blkid decides for none. */
export async function readMarks(path: string, signal?: AbortSignal): Promise<string[]> {
  const arguments_ = ["--no-act", "--json", "--output", "TYPE", "--", path];
  const { stdout } = await run("wipefs", arguments_, { signal, deadlineSeconds: 60, limits });
  if (stdout.trim() === "") return [];
  const { signatures } = JSON.parse(stdout) as { readonly signatures: readonly { readonly type: string }[] };
  return [...new Set(signatures.map(({ type }) => type))];
}

/** Looks at the bytes themselves, not at what a cache or udev knows. */
function signatureArguments(path: string, offset: Bytes, size: Bytes): string[] {
  return ["--probe", "--output", "udev", "--offset", String(offset), "--size", String(size), path];
}

/** Reads `blkid --output udev`, in which every byte that could be misread is `\xHH`. */
function parseSignature(text: string): Signature {
  const values = new Map(text.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
  const value = (key: string): string | null => decoded(values.get(key)) || null;
  return {
    type: value("ID_FS_TYPE"),
    version: value("ID_FS_VERSION"),
    label: value("ID_FS_LABEL_ENC"),
    uuid: value("ID_FS_UUID_ENC"),
    table: value("ID_PART_TABLE_TYPE"),
  };
}

function decoded(text = ""): string {
  const bytes = text.replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return text === bytes ? text : Buffer.from(bytes, "latin1").toString("utf8");
}
