import type { Timestamp } from "../../manifest/inode.ts";
import { byteString, type ByteString } from "../../base/byte-string.ts";

/** An entry of a folder. */
export interface FatEntry {
  readonly name: ByteString;
  readonly isFolder: boolean;
  readonly cluster: number;
  readonly size: number;
  readonly mtime: Timestamp;
}

const entrySize = 32;
const longNameAttribute = 0x0f;
/** A name has 255 characters, of which each part holds 13. */
const mostParts = 20;

/**
 * The entries of a folder, without `.`, `..` and the label. A long name counts where it belongs to the entry behind it.
 *
 * Source: Microsoft FAT specification, "Directory structure", "Long name directory entries".
 */
export function* entriesOf(folder: Buffer): Generator<FatEntry> {
  let parts: Buffer[] = [];
  for (let at = 0; at + entrySize <= folder.length; at += entrySize) {
    const entry = folder.subarray(at, at + entrySize);
    if (entry[0] === 0) return;
    const attribute = entry[11] ?? 0;
    if (entry[0] === 0xe5) parts = [];
    else if ((attribute & 0x3f) === longNameAttribute) parts = [entry, ...parts.slice(0, mostParts)];
    else {
      const isLabel = (attribute & 0x08) !== 0;
      const name = longNameOf(parts, entry) ?? shortNameOf(entry);
      parts = [];
      if (!isLabel && name !== "." && name !== "..") yield describe(entry, name);
    }
  }
}

function describe(entry: Buffer, name: string): FatEntry {
  return {
    name: byteString(name),
    isFolder: ((entry[11] ?? 0) & 0x10) !== 0,
    cluster: entry.readUInt16LE(26) + entry.readUInt16LE(20) * 2 ** 16,
    size: entry.readUInt32LE(28),
    mtime: { seconds: secondsOf(entry.readUInt16LE(24), entry.readUInt16LE(22)), nanoseconds: 0 },
  };
}

const unitOffsets = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

function longNameOf(parts: readonly Buffer[], entry: Buffer): string | undefined {
  const sum = checksum(entry.subarray(0, 11));
  const isWhole = parts.every((part, index) => part[13] === sum && ((part[0] ?? 0) & 0x3f) === index + 1);
  if (parts.length === 0 || !isWhole) return undefined;
  const units = parts.flatMap((part) => unitOffsets.map((offset) => part.readUInt16LE(offset)));
  const end = units.findIndex((unit) => unit === 0);
  return String.fromCharCode(...units.slice(0, end === -1 ? units.length : end));
}

function checksum(shortName: Buffer): number {
  return shortName.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}

/** Two bits say that the name, or its ending, is meant in small letters; 05h stands for E5h. */
function shortNameOf(entry: Buffer): string {
  const text = (from: number, to: number, isSmall: boolean): string => {
    const bytes = Buffer.from(entry.subarray(from, to));
    if (from === 0 && bytes[0] === 0x05) bytes[0] = 0xe5;
    const part = bytes.toString("latin1").trimEnd();
    return isSmall ? part.toLowerCase() : part;
  };
  const flags = entry[12] ?? 0;
  const [base, ending] = [text(0, 8, (flags & 0x08) !== 0), text(8, 11, (flags & 0x10) !== 0)];
  return ending === "" ? base : `${base}.${ending}`;
}

/** FAT counts in local time of an unknown place; it is taken for UTC. */
function secondsOf(date: number, time: number): number {
  const [year, month, day] = [1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31];
  return Date.UTC(year, month, day, time >> 11, (time >> 5) & 63, (time & 31) * 2) / 1000;
}
