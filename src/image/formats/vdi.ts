import type { FileHandle } from "node:fs/promises";
import { guidBytes } from "../../base/guid.ts";
import { writeFully } from "../file-output.ts";
import { converted } from "./convert.ts";
import type { HeaderIdentity, ImageFormat, ImageReader } from "./format.ts";
import { TiB } from "../../base/units.ts";
import { readHeader } from "./header.ts";

/** VirtualBox. `largest`: what QEMU makes. */
export const vdi: ImageFormat = {
  ending: "vdi",
  largest: 512 * TiB,
  ...converted({ name: "vdi", driver: "vdi", options: [], normalise }),
};

export const vdiReader: ImageReader = { endings: [".vdi"], isCheckable: true, readsPastEnd: true };

/**
 * The image's UUID and that of its last snapshot.
 *
 * Source: QEMU, block/vdi.c, the header's fields `uuid_image` and `uuid_last_snap`.
 */
async function normalise(file: FileHandle, identity: HeaderIdentity): Promise<void> {
  const header = await readHeader(file, 0, 512);
  header.set(guidBytes(identity.uuid("vdi image")), 392);
  header.set(guidBytes(identity.uuid("vdi snapshot")), 408);
  await writeFully(file, header, 0);
}
