import type { Sectors } from "../base/units.ts";
import { gptEntryLength } from "../structures/gpt/entry.ts";

/** Source: DISK_MAX_PARTS in Linux's block/partitions/core.c: the disk itself counts as one. */
export const mostGptPartitions = 255;
/** The number of entries that every program makes by default, and the only one that parted and older tools can make. */
export const usualGptEntries = 128;

/** How many entries the table of so many partitions has. */
export function gptEntryCount(partitions: number): number {
  return partitions <= usualGptEntries ? usualGptEntries : 2 * usualGptEntries;
}

/** How many sectors each copy of those entries takes. */
export function gptEntrySectors(partitions: number, sectorSize: number): Sectors {
  return (gptEntryCount(partitions) * gptEntryLength) / sectorSize;
}
