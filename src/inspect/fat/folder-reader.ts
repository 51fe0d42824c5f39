import type { Timestamp } from "../../manifest/inode.ts";
import { byteString, type ByteString } from "../../base/byte-string.ts";
import {
  fatAttributes,
  fatEntry,
  fatEntryLength,
  fatFirstBytes,
  fatLongNameEntry,
  fatSmallLetters,
  longestFatName,
  longNameUnits,
  partOrderMask,
  shortNameChecksum,
} from "../../structures/fat/folder-entry.ts";
import { secondsOfFat } from "../../structures/fat/time.ts";
import { readRecord } from "../../structures/record.ts";

/** An entry of a folder. */
export interface FatEntry {
  readonly name: ByteString;
  readonly isFolder: boolean;
  readonly cluster: number;
  readonly size: number;
  readonly mtime: Timestamp;
}

/** The entries that a name has at most, the file's own not among them. */
const mostParts = Math.ceil(longestFatName / longNameUnits.length);

/**
 * The entries of a folder, without `.`, `..` and the label. A long name counts where it belongs to the entry behind it.
 *
 * Source: Microsoft FAT specification, "Directory structure", "Long name directory entries".
 */
export function* entriesOf(folder: Buffer): Generator<FatEntry> {
  let parts: Buffer[] = [];
  for (let at = 0; at + fatEntryLength <= folder.length; at += fatEntryLength) {
    const entry = folder.subarray(at, at + fatEntryLength);
    if (entry[0] === fatFirstBytes.end) return;
    const attributes = fatEntry.attributes.read(entry);
    if (entry[0] === fatFirstBytes.deleted) parts = [];
    else if ((attributes & fatAttributes.longNameMask) === fatAttributes.longName)
      parts = [entry, ...parts.slice(0, mostParts)];
    else {
      const isLabel = (attributes & fatAttributes.label) !== 0;
      const name = longNameOf(parts, entry) ?? shortNameOf(entry);
      parts = [];
      if (!isLabel && name !== "." && name !== "..") yield describe(entry, name);
    }
  }
}

function describe(entry: Buffer, name: string): FatEntry {
  const { attributes, clusterLow, clusterHigh, size, modifiedDate, modifiedTime } = readRecord(fatEntry, entry);
  return {
    name: byteString(name),
    isFolder: (attributes & fatAttributes.folder) !== 0,
    cluster: clusterLow + clusterHigh * 2 ** 16,
    size,
    mtime: { seconds: secondsOfFat({ date: modifiedDate, time: modifiedTime }), nanoseconds: 0 },
  };
}

function longNameOf(parts: readonly Buffer[], entry: Buffer): string | undefined {
  const sum = shortNameChecksum(fatEntry.name.read(entry));
  const isWhole = parts.every((part, index) => {
    const { checksum, order } = readRecord(fatLongNameEntry, part);
    return checksum === sum && (order & partOrderMask) === index + 1;
  });
  if (parts.length === 0 || !isWhole) return undefined;
  const units = parts.flatMap((part) => longNameUnits.map((offset) => part.readUInt16LE(offset)));
  const end = units.findIndex((unit) => unit === 0);
  return String.fromCharCode(...units.slice(0, end === -1 ? units.length : end));
}

/** Two bits say that the name, or its ending, is meant in small letters. */
function shortNameOf(entry: Buffer): string {
  const text = (from: number, to: number, isSmall: boolean): string => {
    const bytes = Buffer.from(entry.subarray(from, to));
    if (from === 0 && bytes[0] === fatFirstBytes.escapedE5) bytes[0] = fatFirstBytes.deleted;
    const part = bytes.toString("latin1").trimEnd();
    return isSmall ? part.toLowerCase() : part;
  };
  const flags = fatEntry.smallLetters.read(entry);
  const base = text(0, 8, (flags & fatSmallLetters.base) !== 0);
  const ending = text(8, 11, (flags & fatSmallLetters.ending) !== 0);
  return ending === "" ? base : `${base}.${ending}`;
}
