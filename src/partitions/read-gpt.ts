import { MkimageError } from "../base/errors.ts";
import type { Bytes, Sectors } from "../base/units.ts";
import { attributeBits, gptEntry, gptEntryLength, isGptEntryUsed } from "../structures/gpt/entry.ts";
import {
  gptEntriesChecksum,
  gptHeader,
  gptHeaderChecksum,
  gptHeaderLength,
  gptSignature,
} from "../structures/gpt/header.ts";
import { readAlone, readRecord } from "../structures/record.ts";
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
  const { entryCount, entryLength, ...values } = readRecord(gptHeader, header);
  if (entryLength < gptEntryLength || entryCount * entryLength > mostEntryBytes)
    throw damaged(`it claims ${entryCount} × ${entryLength} bytes`);
  const entriesAt = sectorOf(values.entriesAt);
  const entries = bytes.read(entriesAt * sectorSize, entryCount * entryLength);
  const isSealed = gptEntriesChecksum(entries) === values.entriesChecksum;
  return {
    table: {
      kind: "gpt",
      guid: values.diskGuid,
      firstUsable: sectorOf(values.firstUsable),
      lastUsable: sectorOf(values.lastUsable),
      partitions: partitionsOf(entries, entryLength),
    },
    alternate: sectorOf(values.alternate),
    entriesAt,
    entrySectors: Math.ceil(entries.length / sectorSize),
    faults: [...headerFaults(header, at), ...(isSealed ? [] : ["entries: checksum"])],
  };
}

/** Whether a header begins in sector `at`, however damaged the rest of it is. */
export function hasGptMark(bytes: ReadableBytes, at: Sectors, sectorSize: Bytes): boolean {
  const isInside = at >= 0 && (at + 1) * sectorSize <= bytes.size;
  const { signature } = gptHeader;
  return (
    isInside && readAlone(signature, bytes.read(at * sectorSize + signature.offset, signature.length)) === gptSignature
  );
}

function headerFaults(header: Buffer, at: Sectors): string[] {
  const length = gptHeader.headerLength.read(header);
  if (length < gptHeaderLength || length > header.length) return [`header: it claims ${length} bytes`];
  const own = sectorOf(gptHeader.own.read(header));
  return [
    ...(gptHeaderChecksum(header) === gptHeader.headerChecksum.read(header) ? [] : ["header: checksum"]),
    ...(own === at ? [] : [`header: it says that it stands in sector ${own}, not ${at}`]),
  ];
}

function partitionsOf(entries: Buffer, entryLength: Bytes): GptPartitionFacts[] {
  return Array.from({ length: entries.length / entryLength }, (_, index) => index).flatMap((index) =>
    isGptEntryUsed(entries, index * entryLength) ? [partitionOf(entries, index * entryLength, index + 1)] : [],
  );
}

function partitionOf(entries: Buffer, start: Bytes, number: number): GptPartitionFacts {
  const { first, last, name, type, guid, attributes } = readRecord(gptEntry, entries, start);
  const place = { first: sectorOf(first), last: sectorOf(last) };
  return { number, ...place, name, type, guid, attributes: attributeBits(attributes) };
}

function sectorOf(value: bigint): Sectors {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) / 4096n) throw damaged(`it speaks of sector ${value}`);
  return Number(value);
}

function damaged(how: string): MkimageError {
  return new MkimageError("BAD_IMAGE", `the GUID partition table is damaged: ${how}`);
}
