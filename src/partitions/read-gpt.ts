import { crc32 } from "node:zlib";
import { MkimageError } from "../base/errors.ts";
import type { Bytes, Sectors } from "../base/units.ts";
import type { GptFacts, GptPartitionFacts } from "./table-facts.ts";

/** The bytes of a disk or of an image of one; reading what is not there throws BAD_IMAGE. */
export interface ReadableBytes {
  readonly size: Bytes;
  read(offset: Bytes, length: Bytes): Buffer;
}

/** One of the two copies of a GUID partition table, and what is wrong with it. */
export interface GptCopy {
  readonly table: GptFacts;
  /** Where the other copy's header stands. */
  readonly alternate: Sectors;
  readonly entriesAt: Sectors;
  readonly entrySectors: Sectors;
  readonly faults: readonly string[];
}

/** More entries than anybody has; a header may claim any number. */
const mostEntryBytes = 1024 * 1024;

/**
 * Reads the GUID partition table whose header stands in sector `at`. Names come as they are, whatever is in them.
 *
 * Source: UEFI Specification 2.10, section 5.3.
 *
 * @throws MkimageError BAD_IMAGE when there is no such header, or it points outside of the disk.
 */
export function readGpt(bytes: ReadableBytes, at: Sectors, sectorSize: Bytes): GptCopy {
  if (!hasGptMark(bytes, at, sectorSize)) throw damaged(`sector ${at} holds no header`);
  const header = bytes.read(at * sectorSize, sectorSize);
  const [count, entrySize] = [header.readUInt32LE(80), header.readUInt32LE(84)];
  if (entrySize < 128 || count * entrySize > mostEntryBytes) throw damaged(`it claims ${count} × ${entrySize} bytes`);
  const entriesAt = sectorAt(header, 72);
  const entries = bytes.read(entriesAt * sectorSize, count * entrySize);
  return {
    table: {
      kind: "gpt",
      guid: guidText(header.subarray(56, 72)),
      firstUsable: sectorAt(header, 40),
      lastUsable: sectorAt(header, 48),
      partitions: partitionsOf(entries, entrySize),
    },
    alternate: sectorAt(header, 32),
    entriesAt,
    entrySectors: Math.ceil(entries.length / sectorSize),
    faults: [...headerFaults(header, at), ...(crc32(entries) === header.readUInt32LE(88) ? [] : ["entries: checksum"])],
  };
}

/** Whether a header begins in sector `at`, however damaged the rest of it is. */
export function hasGptMark(bytes: ReadableBytes, at: Sectors, sectorSize: Bytes): boolean {
  const isInside = at >= 0 && (at + 1) * sectorSize <= bytes.size;
  return isInside && bytes.read(at * sectorSize, 8).toString("latin1") === "EFI PART";
}

function headerFaults(header: Buffer, at: Sectors): string[] {
  const length = header.readUInt32LE(12);
  if (length < 92 || length > header.length) return [`header: it claims ${length} bytes`];
  const sealed = Buffer.from(header.subarray(0, length));
  sealed.fill(0, 16, 20);
  const own = sectorAt(header, 24);
  return [
    ...(crc32(sealed) === header.readUInt32LE(16) ? [] : ["header: checksum"]),
    ...(own === at ? [] : [`header: it says that it stands in sector ${own}, not ${at}`]),
  ];
}

function partitionsOf(entries: Buffer, entrySize: number): GptPartitionFacts[] {
  return Array.from({ length: entries.length / entrySize }, (_, index) => index).flatMap((index) => {
    const entry = entries.subarray(index * entrySize, (index + 1) * entrySize);
    return entry.subarray(0, 16).every((byte) => byte === 0) ? [] : [partitionOf(entry, index + 1)];
  });
}

function partitionOf(entry: Buffer, number: number): GptPartitionFacts {
  const bits = entry.readBigUInt64LE(48);
  return {
    number,
    first: sectorAt(entry, 32),
    last: sectorAt(entry, 40),
    name: entry.toString("utf16le", 56, 128).replace(/\0.*$/s, ""),
    type: guidText(entry.subarray(0, 16)),
    guid: guidText(entry.subarray(16, 32)),
    attributes: Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => ((bits >> BigInt(bit)) & 1n) === 1n),
  };
}

/** The first three fields of a GUID are little-endian numbers. */
function guidText(bytes: Buffer): string {
  const part = (from: number, to: number) => bytes.subarray(from, to).toString("hex");
  const swapped = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).reverse().toString("hex");
  return [swapped(0, 4), swapped(4, 6), swapped(6, 8), part(8, 10), part(10, 16)].join("-").toUpperCase();
}

function sectorAt(bytes: Buffer, at: number): Sectors {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER) / 4096n) throw damaged(`it speaks of sector ${value}`);
  return Number(value);
}

function damaged(how: string): MkimageError {
  return new MkimageError("BAD_IMAGE", `the GUID partition table is damaged: ${how}`);
}
