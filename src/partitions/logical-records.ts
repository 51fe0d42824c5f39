import type { MsdosLayout } from "../layout/layout.ts";
import type { Sectors } from "../base/units.ts";

/** How far before its partition sfdisk puts the record of a logical partition, unless the first one lies nearer to the extended one. */
const usualDistance: Sectors = 2048;

/**
 * The sectors of an msdos table's extended partition that hold records: its first sector, where the record of the first
 * logical partition stands, and one 1 MiB before each further logical partition; just before it, where the first one begins less than 1 MiB into the extended one.
 *
 * Source: the bytes that sfdisk 2.38 writes.
 */
export function logicalRecords({ partitions }: MsdosLayout): Sectors[] {
  const extended = partitions.filter(({ role }) => role === "extended").map(({ first }) => first);
  const logical = partitions.filter(({ role }) => role === "logical").toSorted((a, b) => a.number - b.number);
  const isNear = (logical[0]?.first ?? Infinity) - (extended[0] ?? 0) < usualDistance;
  const further = logical.slice(1).map(({ first }) => first - (isNear ? 1 : usualDistance));
  return [...extended, ...further].toSorted((a, b) => a - b);
}
