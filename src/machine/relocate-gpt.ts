import { crc32 } from "node:zlib";
import { MkimageError } from "../base/errors.ts";
import type { Bytes, Sectors } from "../base/units.ts";

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
  const header = { lastUsable, primary: 1, backup: lastSector };
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
  return Buffer.from(head.subarray(sectorSize, sectorSize + 8)).toString("latin1") === "EFI PART";
}

interface Header {
  readonly bytes: Uint8Array;
  readonly alternate: Sectors;
  readonly lastUsable: Sectors;
  readonly entriesAt: Sectors;
  readonly entries: Uint8Array;
}

function parseHeader(head: Uint8Array, { imageSize, sectorSize }: GptSpace): Header {
  const view = viewOf(head.subarray(sectorSize));
  const length = view.getUint32(12, true);
  if (length < 92 || length > sectorSize) throw damaged(`its header claims ${length} bytes`);
  const bytes = Uint8Array.from(head.subarray(sectorSize, sectorSize + length));
  if (headerChecksum(bytes) !== view.getUint32(16, true)) throw damaged("the checksum of its header is wrong");
  const entriesAt = sectorNumber(view, 72);
  const entriesEnd = entriesAt * sectorSize + view.getUint32(80, true) * view.getUint32(84, true);
  if (entriesEnd > head.length)
    throw damaged(`its entries end at byte ${entriesEnd}, only the first ${head.length} are looked at`);
  const entries = head.subarray(entriesAt * sectorSize, entriesEnd);
  if (crc32(entries) !== view.getUint32(88, true)) throw damaged("the checksum of its entries is wrong");
  const alternate = sectorNumber(view, 32);
  if ((alternate + 1) * sectorSize > imageSize)
    throw damaged(`its backup is in sector ${alternate}, after the image's end: the image is truncated`);
  return { bytes, alternate, lastUsable: sectorNumber(view, 48), entriesAt, entries };
}

interface Placement {
  readonly self: "primary" | "backup";
  readonly primary: Sectors;
  readonly backup: Sectors;
  readonly lastUsable: Sectors;
  readonly entriesAt: Sectors;
}

function headerBytes(old: Uint8Array, placement: Placement): Uint8Array {
  const bytes = Uint8Array.from(old);
  const view = viewOf(bytes);
  const other = placement.self === "primary" ? "backup" : "primary";
  view.setBigUint64(24, BigInt(placement[placement.self]), true);
  view.setBigUint64(32, BigInt(placement[other]), true);
  view.setBigUint64(48, BigInt(placement.lastUsable), true);
  view.setBigUint64(72, BigInt(placement.entriesAt), true);
  view.setUint32(16, headerChecksum(bytes), true);
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

/** The checksum is taken with its own field as zero. */
function headerChecksum(header: Uint8Array): number {
  const bytes = Uint8Array.from(header);
  bytes.fill(0, 16, 20);
  return crc32(bytes);
}

/** The protective MBR spans the whole disk. A hybrid one, with other entries beside, stays as it is. */
function stretchProtectiveEntry(head: Uint8Array, lastSector: Sectors): void {
  const view = viewOf(head);
  const types = [446, 462, 478, 494].map((entry) => view.getUint8(entry + 4));
  const entry = 446 + 16 * types.indexOf(0xee);
  if (types.filter((type) => type !== 0).length !== 1 || !types.includes(0xee)) return;
  view.setUint32(entry + 12, Math.min(lastSector, 0xffffffff), true);
}

function sectorNumber(view: DataView, at: number): Sectors {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`it speaks of sector ${value}`);
  return Number(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function damaged(how: string): MkimageError {
  return new MkimageError("BAD_IMAGE", `the image's GUID partition table is damaged: ${how}`, {
    hint: "look at it with sgdisk -v, and make the image again",
  });
}
