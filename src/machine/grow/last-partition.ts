import { MiB, roundDown, type Bytes, type Sectors } from "../../base/units.ts";
import { gptEntry, isGptEntryUsed } from "../../structures/gpt/entry.ts";
import { gptEntriesChecksum, gptHeader, gptHeaderChecksum } from "../../structures/gpt/header.ts";
import { isExtendedType } from "../../structures/mbr/partition-types.ts";
import {
  beyondCylinders,
  hasBootMark,
  isMbrStatus,
  mbrEntry,
  mbrEntryPlaces,
  readMbrEntries,
} from "../../structures/mbr/sector.ts";
import { bufferOver, readRecord, writeRecord } from "../../structures/record.ts";
import { hasGptHeader } from "../relocate-gpt.ts";

/** The partition that nothing lies behind. */
interface LastPartition {
  readonly number: number;
  readonly start: Bytes;
  readonly size: Bytes;
  /** The image's first bytes, with the partition ending before this byte. */
  readonly endingAt: (end: Bytes) => Uint8Array;
}

/**
 * The last partition of a disk by its first bytes; undefined without a partition table, or where the last one is a
 * logical partition, which the extended one would have to grow around. A GPT has been checked, as by `relocateGpt`.
 *
 * Source: UEFI 2.10, 5.2 (MBR) and 5.3 (GPT).
 */
export function lastPartition(head: Uint8Array, sectorSize: Bytes): LastPartition | undefined {
  return hasGptHeader(head, sectorSize) ? lastOfGpt(head, sectorSize) : lastOfMbr(head, sectorSize);
}

/**
 * Where a partition ends that reaches to the end of a disk: on a whole MiB, as partitioning programs align; before the
 * backup GPT, and with an MBR within the 2^32 sectors that it can speak of.
 */
export function furthestEnd(head: Uint8Array, deviceSize: Bytes, sectorSize: Bytes): Bytes {
  if (!hasGptHeader(head, sectorSize)) return roundDown(Math.min(deviceSize, 2 ** 32 * sectorSize), MiB);
  const { count, entryLength } = gptEntries(head, sectorSize);
  const backupSectors = Math.ceil((count * entryLength) / sectorSize) + 1;
  return roundDown(deviceSize - backupSectors * sectorSize, MiB);
}

interface Entry {
  readonly index: number;
  readonly first: Sectors;
  readonly last: Sectors;
}

function lastOfGpt(head: Uint8Array, sectorSize: Bytes): LastPartition | undefined {
  const { start, count, entryLength } = gptEntries(head, sectorSize);
  const bytes = bufferOver(head);
  const entries = Array.from({ length: count }, (_, index): Entry & { isUsed: boolean } => {
    const at = start + index * entryLength;
    const [first, last] = [gptEntry.first.read(bytes, at), gptEntry.last.read(bytes, at)];
    return { index, isUsed: isGptEntryUsed(head, at), first: Number(first), last: Number(last) };
  });
  return describe(
    entries.filter(({ isUsed }) => isUsed),
    sectorSize,
    ({ index }, end) => {
      const changed = Buffer.from(head);
      gptEntry.last.write(changed, BigInt(end / sectorSize - 1), start + index * entryLength);
      return withChecksums(changed, sectorSize);
    },
  );
}

function gptEntries(head: Uint8Array, sectorSize: Bytes) {
  const { entriesAt, entryCount, entryLength } = readRecord(gptHeader, bufferOver(head), sectorSize);
  return { start: Number(entriesAt) * sectorSize, count: entryCount, entryLength };
}

/** Entries first, since the header holds their checksum. */
function withChecksums(head: Buffer, sectorSize: Bytes): Uint8Array {
  const { start, count, entryLength } = gptEntries(head, sectorSize);
  const header = head.subarray(sectorSize);
  gptHeader.entriesChecksum.write(header, gptEntriesChecksum(head.subarray(start, start + count * entryLength)));
  gptHeader.headerChecksum.write(header, gptHeaderChecksum(header));
  return head;
}

function lastOfMbr(head: Uint8Array, sectorSize: Bytes): LastPartition | undefined {
  const sector = bufferOver(head);
  if (!hasBootMark(sector)) return undefined;
  const all = readMbrEntries(sector);
  // A filesystem that fills a whole disk may end its first sector as an MBR does, and has code where entries are.
  if (!all.every(({ status }) => isMbrStatus(status))) return undefined;
  const entries = all.map(({ type, first, count }, index) => ({ index, type, first, last: first + count - 1 }));
  const used = entries.filter(({ type }) => type !== 0);
  const last = furthest(used);
  if (last === undefined || isExtendedType(last.type)) return undefined;
  return describe(used, sectorSize, ({ index, first }, end) => {
    const changed = Buffer.from(head);
    const values = { lastPlace: beyondCylinders, count: end / sectorSize - first };
    writeRecord(mbrEntry, changed, values, mbrEntryPlaces[index]);
    return changed;
  });
}

function describe<E extends Entry>(
  entries: readonly E[],
  sectorSize: Bytes,
  change: (entry: E, end: Bytes) => Uint8Array,
): LastPartition | undefined {
  const entry = furthest(entries);
  if (entry === undefined) return undefined;
  const { index, first, last } = entry;
  return {
    number: index + 1,
    start: first * sectorSize,
    size: (last - first + 1) * sectorSize,
    endingAt: (end) => change(entry, end),
  };
}

function furthest<E extends Entry>(entries: readonly E[]): E | undefined {
  return entries.toSorted((one, other) => one.last - other.last).at(-1);
}
