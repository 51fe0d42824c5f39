import { crc32 } from "node:zlib";
import { gptEntryCount } from "../layout/gpt-entries.ts";
import type { GptLayout, GptPartitionLayout } from "../layout/layout.ts";
import type { Sectors } from "../base/units.ts";

/** The two copies of a GPT, each as it lies on the disk. */
interface GptBytes {
  /** From sector 0 to the last sector before the usable ones: protective MBR, header, entries. */
  readonly primary: Buffer;
  /** From the first sector after the usable ones to the end of the disk: entries, header. */
  readonly backup: Buffer;
}

const entrySize = 128;

/**
 * The bytes of a GPT on a disk of `sectors` sectors, with a protective MBR whose boot code is zeros.
 *
 * Source: UEFI Specification 2.10, section 5.
 */
export function gptBytes(table: GptLayout, sectors: Sectors, sectorSize: number): GptBytes {
  const entries = entriesOf(table);
  const entrySectors = entries.length / sectorSize;
  const place = { table, entries, sectors };
  const first = header({ ...place, own: 1, other: sectors - 1, entriesAt: 2 }, sectorSize);
  const last = header({ ...place, own: sectors - 1, other: 1, entriesAt: sectors - 1 - entrySectors }, sectorSize);
  return {
    primary: Buffer.concat([protectiveMbr(sectors, sectorSize), first, entries]),
    backup: Buffer.concat([entries, last]),
  };
}

function entriesOf({ partitions }: GptLayout): Buffer {
  const entries = Buffer.alloc(gptEntryCount(partitions.length) * entrySize);
  for (const partition of partitions) entryOf(partition).copy(entries, (partition.number - 1) * entrySize);
  return entries;
}

function entryOf({ type, guid, first, last, attributes, name }: GptPartitionLayout): Buffer {
  const entry = Buffer.alloc(entrySize);
  guidBytes(type).copy(entry, 0);
  guidBytes(guid).copy(entry, 16);
  entry.writeBigUInt64LE(BigInt(first), 32);
  entry.writeBigUInt64LE(BigInt(last), 40);
  entry.writeBigUInt64LE(
    attributes.reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n),
    48,
  );
  entry.write(name, 56, 72, "utf16le");
  return entry;
}

interface HeaderParts {
  readonly table: GptLayout;
  readonly entries: Buffer;
  readonly own: Sectors;
  readonly other: Sectors;
  readonly entriesAt: Sectors;
}

function header({ table, entries, own, other, entriesAt }: HeaderParts, sectorSize: number): Buffer {
  const sector = Buffer.alloc(sectorSize);
  sector.write("EFI PART", 0, "latin1");
  sector.writeUInt32LE(0x00010000, 8);
  sector.writeUInt32LE(92, 12);
  [own, other, table.firstUsable, table.lastUsable].forEach((value, index) => {
    sector.writeBigUInt64LE(BigInt(value), 24 + 8 * index);
  });
  guidBytes(table.guid).copy(sector, 56);
  sector.writeBigUInt64LE(BigInt(entriesAt), 72);
  sector.writeUInt32LE(entries.length / entrySize, 80);
  sector.writeUInt32LE(entrySize, 84);
  sector.writeUInt32LE(crc32(entries), 88);
  sector.writeUInt32LE(crc32(sector.subarray(0, 92)), 16);
  return sector;
}

/** One entry of type EE that covers the disk, or as much of it as 32 bits can say. */
function protectiveMbr(sectors: Sectors, sectorSize: number): Buffer {
  const sector = Buffer.alloc(sectorSize);
  Buffer.from([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff]).copy(sector, 446);
  sector.writeUInt32LE(1, 454);
  sector.writeUInt32LE(Math.min(sectors - 1, 0xffffffff), 458);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** The first three fields of a GUID are little-endian numbers. */
function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll("-", ""), "hex");
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
