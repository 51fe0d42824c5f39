import { crc32 } from "node:zlib";
import type { Bytes, Sectors } from "../../base/units.ts";
import { guid, latin1, le32, le64 } from "../fields.ts";

/**
 * The header of a GUID partition table. The primary one stands in sector 1, the backup in the disk's last.
 *
 * Source: UEFI Specification 2.10, table 5.5.
 */
export const gptHeader = {
  /** `gptSignature`. */
  signature: latin1(0, 8),
  /** `gptRevision`. */
  revision: le32(8),
  /** In bytes: how much of the sector is the header. */
  headerLength: le32(12),
  /** `gptHeaderChecksum`. */
  headerChecksum: le32(16),
  /** The sector that this header is in. */
  own: le64(24),
  /** The sector that the other copy's header is in. */
  alternate: le64(32),
  /** The first sector that a partition can have. */
  firstUsable: le64(40),
  /** The last sector that a partition can have, itself included. */
  lastUsable: le64(48),
  /** The GUID of the disk. */
  diskGuid: guid(56),
  /** The first sector of this copy's entries. */
  entriesAt: le64(72),
  /** How many entries there are, used or not. */
  entryCount: le32(80),
  /** The bytes of each entry. */
  entryLength: le32(84),
  /** `gptEntriesChecksum`. */
  entriesChecksum: le32(88),
} as const;

export const gptSignature = "EFI PART";
/** Version 1.0, the only one. */
export const gptRevision = 0x0001_0000;
/** The bytes of a header's fields. One that is longer has others behind them. */
export const gptHeaderLength: Bytes = 92;
/** The sector of the primary header, on every disk. */
export const primaryHeaderAt: Sectors = 1;

/** The CRC-32 of a header, over as many bytes as it says it has, with the field of the checksum as zero. */
export function gptHeaderChecksum(header: Buffer): number {
  const covered = Buffer.from(header.subarray(0, gptHeader.headerLength.read(header)));
  gptHeader.headerChecksum.write(covered, 0);
  return crc32(covered);
}

/** The CRC-32 of all entries, used or not. */
export function gptEntriesChecksum(entries: Uint8Array): number {
  return crc32(entries);
}
