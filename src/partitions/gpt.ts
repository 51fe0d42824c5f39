import { gptEntryCount } from "../layout/gpt-entries.ts";
import type { GptLayout, GptPartitionLayout } from "../layout/layout.ts";
import type { Sectors } from "../base/units.ts";
import { attributesOf, gptEntry, gptEntryLength } from "../structures/gpt/entry.ts";
import {
  gptEntriesChecksum,
  gptHeader,
  gptHeaderChecksum,
  gptHeaderLength,
  gptRevision,
  gptSignature,
  primaryHeaderAt,
} from "../structures/gpt/header.ts";
import { mbrTypes } from "../structures/mbr/partition-types.ts";
import { bootMark, mbrEntry, mbrEntryPlaces, mbrSector } from "../structures/mbr/sector.ts";
import { writeRecord } from "../structures/record.ts";

/** The two copies of a GPT, each as it lies on the disk. */
interface GptBytes {
  /** From sector 0 to the last sector before the usable ones: protective MBR, header, entries. */
  readonly primary: Buffer;
  /** From the first sector after the usable ones to the end of the disk: entries, header. */
  readonly backup: Buffer;
}

/**
 * The bytes of a GPT on a disk of `sectors` sectors, with a protective MBR whose boot code is zeros.
 *
 * Source: UEFI Specification 2.10, section 5.
 */
export function gptBytes(table: GptLayout, sectors: Sectors, sectorSize: number): GptBytes {
  const entries = entriesOf(table);
  const entrySectors = entries.length / sectorSize;
  const place = { table, entries, sectors };
  const first = header({ ...place, own: primaryHeaderAt, other: sectors - 1, entriesAt: 2 }, sectorSize);
  const last = header(
    { ...place, own: sectors - 1, other: primaryHeaderAt, entriesAt: sectors - 1 - entrySectors },
    sectorSize,
  );
  return {
    primary: Buffer.concat([protectiveMbr(sectors, sectorSize), first, entries]),
    backup: Buffer.concat([entries, last]),
  };
}

function entriesOf({ partitions }: GptLayout): Buffer {
  const entries = Buffer.alloc(gptEntryCount(partitions.length) * gptEntryLength);
  for (const partition of partitions) writeEntry(entries, partition);
  return entries;
}

function writeEntry(entries: Buffer, { number, first, last, attributes, ...named }: GptPartitionLayout): void {
  const { type, guid, name } = named;
  const place = { first: BigInt(first), last: BigInt(last) };
  const values = { type, guid, ...place, attributes: attributesOf(attributes), name };
  writeRecord(gptEntry, entries, values, (number - 1) * gptEntryLength);
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
  writeRecord(gptHeader, sector, {
    signature: gptSignature,
    revision: gptRevision,
    headerLength: gptHeaderLength,
    own: BigInt(own),
    alternate: BigInt(other),
    firstUsable: BigInt(table.firstUsable),
    lastUsable: BigInt(table.lastUsable),
    diskGuid: table.guid,
    entriesAt: BigInt(entriesAt),
    entryCount: entries.length / gptEntryLength,
    entryLength: gptEntryLength,
    entriesChecksum: gptEntriesChecksum(entries),
  });
  gptHeader.headerChecksum.write(sector, gptHeaderChecksum(sector));
  return sector;
}

/** One entry of type EE that covers the disk, or as much of it as 32 bits can say. */
function protectiveMbr(sectors: Sectors, sectorSize: number): Buffer {
  const sector = Buffer.alloc(sectorSize);
  const protective = {
    ...protectivePlaces,
    type: mbrTypes.protective,
    first: primaryHeaderAt,
    count: Math.min(sectors - 1, 0xffffffff),
  };
  writeRecord(mbrEntry, sector, protective, mbrEntryPlaces[0]);
  mbrSector.mark.write(sector, bootMark);
  return sector;
}

/** The disk's second sector, and an end that cylinders cannot name. Source: UEFI Specification 2.10, table 5.4. */
const protectivePlaces = { firstPlace: Buffer.of(0x00, 0x02, 0x00), lastPlace: Buffer.of(0xff, 0xff, 0xff) };
