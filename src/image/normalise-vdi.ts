import type { FileHandle } from "node:fs/promises";
import type { HeaderIdentity } from "./converted-format.ts";
import { writeFully } from "./file-output.ts";
import { guidBytes, readHeader } from "./header.ts";

/**
 * The image's UUID and that of its last snapshot.
 *
 * Source: QEMU, block/vdi.c, the header's fields `uuid_image` and `uuid_last_snap`.
 */
export async function normaliseVdi(file: FileHandle, identity: HeaderIdentity): Promise<void> {
  const header = await readHeader(file, 0, 512);
  header.set(guidBytes(identity.uuid("vdi image")), 392);
  header.set(guidBytes(identity.uuid("vdi snapshot")), 408);
  await writeFully(file, header, 0);
}
