import type { Bytes } from "../base/units.ts";
import { hasBootMark, isMbrStatus, readMbrEntries } from "../structures/mbr/sector.ts";
import { bufferOver } from "../structures/record.ts";
import { hasGptHeader } from "./relocate-gpt.ts";

/**
 * The size of the sectors that an image's partition table counts in: 512 or 4096 bytes; undefined without a table, or
 * when the table fits either. A GPT says it by its place. An MBR does not, but one that counts in sectors of 512 bytes
 * would mostly end far behind the image if they were larger.
 *
 * Source: UEFI 2.10, 5.2 (MBR) and 5.3 (GPT).
 */
export function tableSectorSize(head: Uint8Array, imageSize: Bytes): Bytes | undefined {
  const gpt = [512, 4096].find((size) => hasGptHeader(head, size));
  if (gpt !== undefined) return gpt;
  const end = mbrEnd(head);
  return end !== undefined && end * 4096 > imageSize ? 512 : undefined;
}

/** The sector behind the last primary partition. */
function mbrEnd(head: Uint8Array): number | undefined {
  const sector = bufferOver(head);
  if (!hasBootMark(sector)) return undefined;
  const entries = readMbrEntries(sector);
  // A FAT or NTFS that fills the whole disk also ends its first sector with the mark, and has code where entries are.
  if (!entries.every(({ status }) => isMbrStatus(status))) return undefined;
  const ends = entries.filter(({ type }) => type !== 0).map(({ first, count }) => first + count);
  return ends.length === 0 ? undefined : Math.max(...ends);
}
