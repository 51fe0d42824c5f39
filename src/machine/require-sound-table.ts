import { closeSync, openSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";
import { DiskBytes } from "../image/disk-bytes.ts";
import { RawDisk } from "../image/raw-disk.ts";
import type { Bytes } from "../base/units.ts";
import { byteString } from "../base/byte-string.ts";
import { findTable } from "../partitions/find-table.ts";

/**
 * Refuses an image whose table is damaged where it is taken from the image. A GPT's backup is not: it is written anew, at
 * the device's end.
 *
 * @param types what wipefs finds in it.
 * @returns what there is to say about the backup.
 * @throws MkimageError BAD_IMAGE.
 */
export async function requireSoundTable(raw: string, size: Bytes, types: readonly string[]): Promise<string[]> {
  const content = types.find((type) => !tableTypes.includes(type)) ?? null;
  const table = types.includes("dos") ? "dos" : null;
  const descriptor = openSync(raw, "r");
  try {
    const bytes = new DiskBytes(new RawDisk(descriptor, byteString(raw)), 0, size);
    const { faults, backupFaults } = await findTable({ raw, bytes }, { type: content, table });
    if (faults.every((fault) => backupFaults.includes(fault)))
      return backupFaults.length === 0 ? [] : [`the backup table is written anew: ${backupFaults.join("; ")}`];
    throw new MkimageError("BAD_IMAGE", "the image's partition table is damaged", {
      details: faults,
      hint: "look at the image with mkimage verify, and make it again",
    });
  } finally {
    closeSync(descriptor);
  }
}

/** The names of partition tables in wipefs. */
const tableTypes: readonly string[] = ["gpt", "PMBR", "dos"];
