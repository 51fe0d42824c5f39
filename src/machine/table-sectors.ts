import type { Bytes } from "../base/units.ts";
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
  if (head.length < 512 || head[510] !== 0x55 || head[511] !== 0xaa || isBootRecord(head)) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const entries = [446, 462, 478, 494].filter((entry) => view.getUint8(entry + 4) !== 0);
  const ends = entries.map((entry) => view.getUint32(entry + 8, true) + view.getUint32(entry + 12, true));
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** A FAT or NTFS that fills the whole disk also ends its first sector with the signature, and has code where entries are. */
function isBootRecord(head: Uint8Array): boolean {
  return [446, 462, 478, 494].some((entry) => ((head[entry] ?? 0) & 0x7f) !== 0);
}
