import type { FileHandle } from "node:fs/promises";
import type { HeaderIdentity } from "./converted-format.ts";
import { writeFully } from "./file-output.ts";
import { readHeader, uuidBytes } from "./header.ts";

const footerSize = 512;
/** 2000-01-01, where the format's time begins. */
const epoch = 946_684_800;

/**
 * The footer of a fixed disk: time, UUID, checksum.
 *
 * Source: Microsoft, Virtual Hard Disk Image Format Specification, "Hard Disk Footer Format".
 */
export async function normaliseFixedVpc(file: FileHandle, identity: HeaderIdentity): Promise<void> {
  const { size } = await file.stat();
  await writeFully(file, await footer(file, size - footerSize, identity), size - footerSize);
}

/** As for a fixed disk, with the copy at the front. The header of the dynamic disk that follows names no time and no UUID. */
export async function normaliseDynamicVpc(file: FileHandle, identity: HeaderIdentity): Promise<void> {
  await readHeader(file, footerSize, 1024, "cxsparse");
  await writeFully(file, await footer(file, 0, identity), 0);
  await normaliseFixedVpc(file, identity);
}

async function footer(file: FileHandle, offset: number, identity: HeaderIdentity): Promise<Buffer> {
  const bytes = await readHeader(file, offset, footerSize, "conectix");
  bytes.writeUInt32BE(Math.max(0, identity.time - epoch), 24);
  bytes.writeUInt32BE(0, 64);
  bytes.set(uuidBytes(identity.uuid("vpc disk")), 68);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.writeUInt32BE(~sum >>> 0, 64);
  return bytes;
}
