import { type FileHandle, open } from "node:fs/promises";
import type { ConvertedFormat, HeaderIdentity } from "./converted-format.ts";
import { normaliseVdi } from "./normalise-vdi.ts";
import { normaliseVhdx } from "./normalise-vhdx.ts";
import { normaliseVmdk } from "./normalise-vmdk.ts";
import { normaliseDynamicVpc, normaliseFixedVpc } from "./normalise-vpc.ts";

type Normaliser = (file: FileHandle, identity: HeaderIdentity) => Promise<void>;

const normalisers: Readonly<Record<ConvertedFormat, Normaliser>> = {
  vdi: normaliseVdi,
  vpc: normaliseDynamicVpc,
  "vpc-fixed": normaliseFixedVpc,
  vhdx: normaliseVhdx,
  vmdk: normaliseVmdk,
};

/**
 * Replaces what qemu-img takes from the clock, from random numbers and from the file's name.
 *
 * @throws MkimageError BAD_IMAGE for a file that is not what qemu-img makes.
 */
export async function normaliseHeaders(format: ConvertedFormat, path: string, identity: HeaderIdentity): Promise<void> {
  await using file = await open(path, "r+");
  await normalisers[format](file, identity);
}
