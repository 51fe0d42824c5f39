import type { ReadDisk, Volume } from "../read-disk.ts";
import { printablePath } from "../printable.ts";
import type { Bytes } from "../../base/units.ts";
import { mbrSector } from "../../structures/mbr/sector.ts";
import { contentExtents } from "../../manifest/content-extents.ts";
import { walk } from "../../manifest/tree.ts";

/** Bytes of a disk that belong to something. */
interface Range {
  readonly start: Bytes;
  readonly end: Bytes;
  readonly name: (at: Bytes) => string;
}

/** Says what each byte of a disk belongs to: the table, boot code, a filesystem's own structures, a file, or nothing. */
export class Owners {
  /** The table and whole partitions: few. */
  readonly #outer: readonly Range[];
  /** Files and filesystem structures in partitions: many, ascending, and disjoint in a sound filesystem. */
  readonly #inner: readonly Range[];

  constructor(disk: ReadDisk) {
    this.#outer = [...tableRanges(disk), ...disk.volumes.map(volumeRange)];
    this.#inner = disk.volumes.flatMap(innerRanges).sort((one, other) => one.start - other.start);
  }

  nameAt(offset: Bytes): string {
    const inner = this.#inner[this.#countUpTo(offset) - 1];
    if (inner !== undefined && offset < inner.end) return inner.name(offset);
    const outer = this.#outer.find(({ start, end }) => start <= offset && offset < end);
    return outer === undefined ? "room that belongs to no partition" : outer.name(offset);
  }

  /** How many inner ranges begin at or before this byte. */
  #countUpTo(offset: Bytes): number {
    let [low, high] = [0, this.#inner.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#inner[middle]?.start ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function named(start: Bytes, end: Bytes, text: string): Range {
  return { start, end, name: () => text };
}

function tableRanges({ table, sectorSize, image }: ReadDisk): Range[] {
  if (table === null) return [];
  const { length } = mbrSector.bootCode;
  const mbr = [named(0, length, "the boot code in the MBR"), named(length, sectorSize, "the table in the MBR")];
  if (table.kind === "msdos") {
    const first = Math.min(...table.partitions.map((each) => each.first)) * sectorSize;
    return [...mbr, named(sectorSize, first, "the gap before the first partition")];
  }
  const [entries, backup] = [2 * sectorSize, (table.lastUsable + 1) * sectorSize];
  return [
    ...mbr,
    named(sectorSize, entries, "the header of the GPT"),
    named(entries, table.firstUsable * sectorSize, "the entries of the GPT"),
    named(backup, image.size, "the backup of the GPT"),
  ];
}

function volumeRange({ bytes, filesystem, partition, signature }: Volume): Range {
  const place = placeOf(partition);
  const text = filesystem === null ? `${place} (${signature.type ?? "no filesystem"})` : `free room in ${place}`;
  return named(bytes.start, bytes.start + bytes.size, text);
}

function innerRanges({ bytes, filesystem, partition }: Volume): Range[] {
  if (filesystem === null) return [];
  const place = placeOf(partition);
  const structures = filesystem.structures.map(({ offset, length, describe }) => {
    const start = bytes.start + offset;
    return { start, end: start + length, name: (at: Bytes) => `${describe(at - bytes.start)}, ${place}` };
  });
  const files = [...walk(filesystem.root)].flatMap(({ path, inode }) => {
    if (inode.type !== "file") return [];
    const name = (): string => `${printablePath(path)}, ${place}`;
    return contentExtents(inode).flatMap(({ length, source }) => {
      if (source.kind !== "file") return [];
      const start = source.position ?? 0;
      return [{ start, end: start + length, name }];
    });
  });
  return [...structures, ...files];
}

function placeOf(partition: Volume["partition"]): string {
  return partition === null ? "the disk" : `partition ${partition.number}`;
}
