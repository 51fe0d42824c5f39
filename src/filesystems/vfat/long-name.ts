import { type ByteString, bytesOf } from "../../base/byte-string.ts";
import {
  fatAttributes,
  fatEntryLength,
  fatLongNameEntry,
  lastPart,
  longestFatName,
  longNameUnits,
  shortNameChecksum,
} from "../../structures/fat/folder-entry.ts";
import { writeRecord } from "../../structures/record.ts";

/** The units of a name that one entry holds. */
const units = longNameUnits.length;

/** Names that DOS gives to devices, with any extension: Linux refuses to make them on FAT, and Windows cannot open them. */
const deviceName = /^(aux|con|nul|prn|com[1-9]|lpt[1-9])(\.|$)/i;

/** A name as FAT's long names hold it, or what stands against it. */
export function longName(name: ByteString): { readonly text: string } | { readonly fault: string } {
  const text = bytesOf(name).toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytesOf(name))) return { fault: "is no valid UTF-8" };
  // oxlint-disable-next-line no-control-regex -- control characters are among what FAT forbids
  const forbidden = /["*/:<>?\\|\u0000-\u001f]/.exec(text)?.[0];
  if (forbidden !== undefined) return { fault: `has the character ${JSON.stringify(forbidden)}` };
  if (/[. ]$/.test(text)) return { fault: "ends with a dot or a space" };
  if (text.length > longestFatName) return { fault: `has more than ${longestFatName} characters` };
  if (deviceName.test(text)) return { fault: "is the name of a DOS device" };
  return { text };
}

/** Returns the case-folded form of a name, which is unique in a folder: FAT compares names without regard to case. */
export function caseKey(text: string): string {
  return Array.from(text, upperCase).join("");
}

/** How many folder entries hold a long name. */
export function longNameSlots(text: string): number {
  return Math.ceil(text.length / units);
}

/**
 * The folder entries of a long name, which stand before the entry of its file: last part first.
 *
 * Source: Microsoft FAT specification, "Long name directory entries".
 */
export function longNameEntries(text: string, shortName: Uint8Array): Uint8Array[] {
  const count = longNameSlots(text);
  const checksum = shortNameChecksum(shortName);
  return Array.from({ length: count }, (_, index) => {
    const order = count - index;
    return slot(text.slice((order - 1) * units, order * units), index === 0 ? order | lastPart : order, checksum);
  });
}

function slot(part: string, order: number, checksum: number): Uint8Array {
  const bytes = Buffer.alloc(fatEntryLength);
  writeRecord(fatLongNameEntry, bytes, { order, attributes: fatAttributes.longName, checksum });
  for (const [index, offset] of longNameUnits.entries()) {
    const unit = index < part.length ? part.charCodeAt(index) : index === part.length ? 0 : 0xffff;
    bytes.writeUInt16LE(unit, offset);
  }
  return bytes;
}

function upperCase(character: string): string {
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper : character;
}
