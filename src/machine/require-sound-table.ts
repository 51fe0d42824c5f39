import { MkimageError } from "../base/errors.ts";
import type { OpenImage } from "../image/reading/open-image.ts";
import { findTable } from "../partitions/find-table.ts";

/**
 * Refuses an image whose table is damaged where it is taken from the image. A GPT's backup is not: it is written anew, at
 * the device's end.
 *
 * @param types what wipefs finds in it.
 * @returns what there is to say about the backup.
 * @throws MkimageError BAD_IMAGE.
 */
export async function requireSoundTable(
  image: Pick<OpenImage, "raw" | "bytes">,
  types: readonly string[],
): Promise<string[]> {
  const content = types.find((type) => !tableTypes.includes(type)) ?? null;
  const table = types.includes("dos") ? "dos" : null;
  const { faults, backupFaults } = await findTable(image, { type: content, table });
  if (faults.every((fault) => backupFaults.includes(fault)))
    return backupFaults.length === 0 ? [] : [`the backup table is written anew: ${backupFaults.join("; ")}`];
  throw new MkimageError("BAD_IMAGE", "the image's partition table is damaged", {
    details: faults,
    hint: "look at the image with mkimage verify, and make it again",
  });
}

/** The names of partition tables in wipefs. */
const tableTypes: readonly string[] = ["gpt", "PMBR", "dos"];
