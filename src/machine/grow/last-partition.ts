import { crc32 } from "node:zlib";
import { MiB, roundDown, type Bytes, type Sectors } from "../../base/units.ts";
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
  const view = viewOf(head);
  const entries = Array.from({ length: count }, (_, index): Entry & { isUsed: boolean } => {
    const at = start + index * entryLength;
    const isUsed = head.subarray(at, at + 16).some((byte) => byte !== 0);
    return { index, isUsed, first: sectorAt(view, at + 32), last: sectorAt(view, at + 40) };
  });
  return describe(
    entries.filter(({ isUsed }) => isUsed),
    sectorSize,
    ({ index }, end) => {
      const changed = Uint8Array.from(head);
      viewOf(changed).setBigUint64(start + index * entryLength + 40, BigInt(end / sectorSize - 1), true);
      return withChecksums(changed, sectorSize);
    },
  );
}

function gptEntries(head: Uint8Array, sectorSize: Bytes) {
  const header = viewOf(head.subarray(sectorSize));
  return {
    start: sectorAt(header, 72) * sectorSize,
    count: header.getUint32(80, true),
    entryLength: header.getUint32(84, true),
  };
}

/** Entries first, since the header holds their checksum; its own is taken with its own field as zero. */
function withChecksums(head: Uint8Array, sectorSize: Bytes): Uint8Array {
  const { start, count, entryLength } = gptEntries(head, sectorSize);
  const header = viewOf(head.subarray(sectorSize));
  header.setUint32(88, crc32(head.subarray(start, start + count * entryLength)), true);
  header.setUint32(16, 0, true);
  header.setUint32(16, crc32(head.subarray(sectorSize, sectorSize + header.getUint32(12, true))), true);
  return head;
}

const firstEntry = 446;
const extendedTypes = new Set([0x05, 0x0f, 0x85]);

function lastOfMbr(head: Uint8Array, sectorSize: Bytes): LastPartition | undefined {
  if (!hasMbr(head)) return undefined;
  const view = viewOf(head);
  const entries = [0, 1, 2, 3].map((index) => {
    const at = firstEntry + 16 * index;
    const first = view.getUint32(at + 8, true);
    return { index, type: view.getUint8(at + 4), first, last: first + view.getUint32(at + 12, true) - 1 };
  });
  const used = entries.filter(({ type }) => type !== 0);
  const last = furthest(used);
  if (last === undefined || extendedTypes.has(last.type)) return undefined;
  return describe(used, sectorSize, ({ index, first }, end) => {
    const changed = Uint8Array.from(head);
    const at = firstEntry + 16 * index;
    changed.set(beyondCylinders, at + 5);
    viewOf(changed).setUint32(at + 12, end / sectorSize - first, true);
    return changed;
  });
}

/** The value for an end that lies beyond the range of cylinders, heads and sectors. */
const beyondCylinders = [0xfe, 0xff, 0xff];

/** A filesystem that fills a whole disk may end its first sector as an MBR does, and has code where entries are. */
function hasMbr(head: Uint8Array): boolean {
  const states = [0, 1, 2, 3].map((index) => head[firstEntry + 16 * index] ?? 0);
  return head[510] === 0x55 && head[511] === 0xaa && states.every((state) => (state & 0x7f) === 0);
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

function sectorAt(view: DataView, at: number): Sectors {
  return Number(view.getBigUint64(at, true));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
