import type { Sectors } from "../base/units.ts";
import { fatBootSector, fatTypeNames } from "../structures/fat/boot-sector.ts";
import { primaryHeaderAt } from "../structures/gpt/header.ts";
import { mbrTypes } from "../structures/mbr/partition-types.ts";
import { hasBootMark, isMbrStatus, mbrLength, mbrSector, readMbrEntries } from "../structures/mbr/sector.ts";
import type { ReadableBytes } from "./read-gpt.ts";

/** The first sector, as far as it tells whose disk this is. */
export interface MbrSector {
  /** Whether it ends with 55AA. */
  readonly isMarked: boolean;
  /** Those that are used. */
  readonly entries: readonly MbrEntry[];
  /** Whether all four entries could be those of a table: code and random bytes mostly could not. */
  readonly isPlausible: boolean;
  /** Whether it names the disk, as a table without entries does, and no filesystem, as a boot sector does. */
  readonly isLabel: boolean;
}

interface MbrEntry {
  readonly type: number;
  readonly first: Sectors;
  readonly count: Sectors;
}

/** Source: UEFI 2.10, section 5.2. */
export function readMbrSector(bytes: ReadableBytes): MbrSector {
  if (bytes.size < mbrLength) return { isMarked: false, entries: [], isPlausible: false, isLabel: false };
  const sector = bytes.read(0, mbrLength);
  const all = readMbrEntries(sector);
  const entries = all.filter(({ type }) => type !== 0);
  return {
    isMarked: hasBootMark(sector),
    entries,
    isPlausible: all.every(({ status }) => isMbrStatus(status)) && entries.every(({ count }) => count > 0),
    isLabel: mbrSector.diskSignature.read(sector) !== 0 && !isBootSector(sector),
  };
}

/** Whether a filesystem's name stands in its place in a boot sector. */
function isBootSector(sector: Buffer): boolean {
  const maker = fatBootSector.maker.read(sector);
  const isNamed = ["NTFS", "EXFAT"].some((name) => maker.startsWith(name));
  return isNamed || fatTypeNames(sector).some((name) => name.startsWith("FAT"));
}

/** Whether it is a table that was made and has no partitions yet. */
export function isEmptyTable({ entries, isLabel }: MbrSector): boolean {
  return entries.length === 0 && isLabel;
}

/** Whether it says that there is a GPT. */
export function isProtective({ isMarked, entries }: MbrSector): boolean {
  return isMarked && entries.some(({ type }) => type === mbrTypes.protective);
}

/** Whether it is a table of its own: Linux then looks at no GPT, even where an old one is left. */
export function isOwnTable({ isMarked, entries, isPlausible }: MbrSector): boolean {
  const isBehindHeader = entries.every(({ type, first }) => type !== mbrTypes.protective && first > primaryHeaderAt);
  return isMarked && isPlausible && entries.length > 0 && isBehindHeader;
}

/** Whether it would be a table if its mark were there. */
export function isUnmarkedTable({ isMarked, entries, isPlausible }: MbrSector, sectors: Sectors): boolean {
  const isInside = entries.every(({ first, count }) => first > 0 && first + count <= sectors);
  return !isMarked && isPlausible && entries.length > 0 && isInside;
}

/** Returns the faults of the protective MBR of a GPT disk: with any of them Linux and firmware see no partitions. */
export function protectiveFaults({ isMarked, entries }: MbrSector): string[] {
  if (!isMarked) return ["the protective MBR: its mark 55AA is missing"];
  const protective = entries.filter(({ type }) => type === mbrTypes.protective);
  if (protective.length === 0) return ["the protective MBR: no entry of type EE protects the table"];
  if (protective.some(({ first }) => first === primaryHeaderAt)) return [];
  return [`the protective MBR: its entry of type EE begins in sector ${protective[0]?.first}, not ${primaryHeaderAt}`];
}
