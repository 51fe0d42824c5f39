import { MkimageError } from "../base/errors.ts";
import type { Bytes, Sectors } from "../base/units.ts";
import {
  gptEntriesChecksum,
  gptHeader,
  gptHeaderChecksum,
  gptHeaderLength,
  gptSignature,
  primaryHeaderAt,
} from "../structures/gpt/header.ts";
import { mbrTypes } from "../structures/mbr/partition-types.ts";
import { mbrEntry, mbrEntryPlaces, readMbrEntries } from "../structures/mbr/sector.ts";
import { bufferOver, readRecord, writeRecord } from "../structures/record.ts";

/** Bytes at a place of the device. */
export interface PlacedBytes {
  readonly offset: Bytes;
  readonly bytes: Uint8Array;
}

/** A GUID partition table that fits a device. */
interface RelocatedGpt {
  /** The device's first bytes: the given ones with the new protective MBR and primary header. */
  readonly head: Uint8Array;
  /** Entries and header at the device's real end. */
  readonly backup: PlacedBytes;
  /** Where the image has its own backup: from `start` up to but not including `end`. */
  readonly oldBackup: { readonly start: Bytes; readonly end: Bytes };
}

interface GptSpace {
  readonly imageSize: Bytes;
  readonly deviceSize: Bytes;
  readonly sectorSize: Bytes;
}

/**
 * Moves the end of an image's GUID partition table to the device's end. Undefined when the first bytes hold no such
 * table in sectors of this size.
 *
 * Source: UEFI 2.10, 5.3 (GUID Partition Table).
 *
 * @throws MkimageError BAD_IMAGE when the table is damaged or points outside of the image.
 */
export function relocateGpt(head: Uint8Array, space: GptSpace): RelocatedGpt | undefined {
  const { sectorSize } = space;
  if (!hasGptHeader(head, sectorSize)) return undefined;
  const old = parseHeader(head, space);
  const lastSector = Math.floor(space.deviceSize / sectorSize) - 1;
  const entrySectors = Math.ceil(old.entries.length / sectorSize);
  const moved = lastSector !== old.alternate;
  const lastUsable = moved ? lastSector - entrySectors - 1 : old.lastUsable;
  const header = { lastUsable, primary: primaryHeaderAt, backup: lastSector };
  const primary = headerBytes(old.bytes, { ...header, self: "primary", entriesAt: old.entriesAt });
  const backup = headerBytes(old.bytes, { ...header, self: "backup", entriesAt: lastSector - entrySectors });
  const newHead = Uint8Array.from(head);
  newHead.set(primary, sectorSize);
  if (moved) stretchProtectiveEntry(newHead, lastSector);
  return {
    head: newHead,
    backup: {
      offset: (lastSector - entrySectors) * sectorSize,
      bytes: backupBytes(old.entries, backup, { entrySectors, sectorSize }),
    },
    oldBackup: { start: (old.alternate - entrySectors) * sectorSize, end: (old.alternate + 1) * sectorSize },
  };
}

/** Whether a primary header stands in the second sector. */
export function hasGptHeader(head: Uint8Array, sectorSize: Bytes): boolean {
  return gptHeader.signature.read(bufferOver(head), sectorSize) === gptSignature;
}

interface Header {
  readonly bytes: Buffer;
  readonly alternate: Sectors;
  readonly lastUsable: Sectors;
  readonly entriesAt: Sectors;
  readonly entries: Uint8Array;
}

function parseHeader(head: Uint8Array, { imageSize, sectorSize }: GptSpace): Header {
  const values = readRecord(gptHeader, bufferOver(head), sectorSize);
  const { headerLength: length, entryCount, entryLength } = values;
  if (length < gptHeaderLength || length > sectorSize) throw damaged(`its header claims ${length} bytes`);
  const bytes = Buffer.from(head.subarray(sectorSize, sectorSize + length));
  if (gptHeaderChecksum(bytes) !== values.headerChecksum) throw damaged("the checksum of its header is wrong");
  const entriesAt = sectorNumber(values.entriesAt);
  const entriesEnd = entriesAt * sectorSize + entryCount * entryLength;
  if (entriesEnd > head.length)
    throw damaged(`its entries end at byte ${entriesEnd}, only the first ${head.length} are looked at`);
  const entries = head.subarray(entriesAt * sectorSize, entriesEnd);
  if (gptEntriesChecksum(entries) !== values.entriesChecksum) throw damaged("the checksum of its entries is wrong");
  const alternate = sectorNumber(values.alternate);
  if ((alternate + 1) * sectorSize > imageSize)
    throw damaged(`its backup is in sector ${alternate}, after the image's end: the image is truncated`);
  return { bytes, alternate, lastUsable: sectorNumber(values.lastUsable), entriesAt, entries };
}

interface Placement {
  readonly self: "primary" | "backup";
  readonly primary: Sectors;
  readonly backup: Sectors;
  readonly lastUsable: Sectors;
  readonly entriesAt: Sectors;
}

function headerBytes(old: Buffer, { self, primary, backup, lastUsable, entriesAt }: Placement): Buffer {
  const bytes = Buffer.from(old);
  writeRecord(gptHeader, bytes, {
    own: BigInt(self === "primary" ? primary : backup),
    alternate: BigInt(self === "primary" ? backup : primary),
    lastUsable: BigInt(lastUsable),
    entriesAt: BigInt(entriesAt),
  });
  gptHeader.headerChecksum.write(bytes, gptHeaderChecksum(bytes));
  return bytes;
}

/** Entries first, the header in the last sector. */
function backupBytes(
  entries: Uint8Array,
  header: Uint8Array,
  { entrySectors, sectorSize }: { entrySectors: Sectors; sectorSize: Bytes },
): Uint8Array {
  const bytes = new Uint8Array((entrySectors + 1) * sectorSize);
  bytes.set(entries);
  bytes.set(header, entrySectors * sectorSize);
  return bytes;
}

/** The protective MBR spans the whole disk. A hybrid one, with other entries beside, stays as it is. */
function stretchProtectiveEntry(head: Uint8Array, lastSector: Sectors): void {
  const sector = bufferOver(head);
  const used = readMbrEntries(sector).map(({ type }, index) => ({ type, start: mbrEntryPlaces[index] }));
  const [only, ...others] = used.filter(({ type }) => type !== 0);
  if (only?.type !== mbrTypes.protective || others.length > 0) return;
  mbrEntry.count.write(sector, Math.min(lastSector, 0xffffffff), only.start);
}

function sectorNumber(value: bigint): Sectors {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`it speaks of sector ${value}`);
  return Number(value);
}

function damaged(how: string): MkimageError {
  return new MkimageError("BAD_IMAGE", `the image's GUID partition table is damaged: ${how}`, {
    hint: "look at it with sgdisk -v, and make the image again",
  });
}
