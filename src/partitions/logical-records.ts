import type { MsdosLayout } from "../layout/layout.ts";
import type { Sectors } from "../base/units.ts";

/** How far before its partition sfdisk puts the record of a logical partition. */
const recordDistance: Sectors = 2048;

/**
 * The sectors of an msdos table's extended partition that hold records: its first sector, where the record of the first
 * logical partition stands, and one 1 MiB before each further logical partition.
 *
 * Source: the bytes that sfdisk 2.38 writes.
 */
export function logicalRecords({ partitions }: MsdosLayout): Sectors[] {
  const extended = partitions.filter(({ role }) => role === "extended").map(({ first }) => first);
  const logical = partitions.filter(({ role }) => role === "logical").toSorted((a, b) => a.number - b.number);
  const further = logical.slice(1).map(({ first }) => first - recordDistance);
  return [...extended, ...further].toSorted((a, b) => a - b);
}
