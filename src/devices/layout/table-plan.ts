import type { PartitionContent } from "../content.ts";
import type { ContentLayout, TableLayout } from "../../layout/layout.ts";
import type { Placement, Span } from "../../layout/span.ts";
import type { Sectors } from "../../base/units.ts";

/** A partition before it has a place. */
export interface PlannedPartition {
  /** Where it stands in the device tree. */
  readonly path: string;
  readonly key: string;
  /** Its size follows from the size of the disk. */
  readonly flexible: boolean;
  readonly content: PartitionContent | null;
  /** Its paths in the installed system. */
  readonly names: readonly string[];
}

/** A partition table before its disk has a size. All lists are in the same order. */
export interface TablePlan {
  readonly partitions: readonly PlannedPartition[];
  /** Where the partitions lie on a disk of this size. */
  place(sectors: Sectors): Placement;
  layout(sectors: Sectors, spans: readonly Span[], contents: readonly (ContentLayout | null)[]): TableLayout;
}

/** The device that a table lies on. */
export interface TableHolder {
  /** Where the table stands in the device tree. */
  readonly path: string;
  /** The type and the name of the holder, as in `disk-main`. */
  readonly name: string;
  readonly sectorSize: 512 | 4096;
  /** Its path in the installed system, where that is known. */
  readonly device?: string | null | undefined;
}

/** The largest power of two, up to 1 MiB, that the start of a span is a multiple of. */
export function alignmentOf(first: Sectors, sectorSize: number): Sectors {
  const grain = 2 ** 20 / sectorSize;
  for (let step = grain; step > 1; step /= 2) if (first % step === 0) return step;
  return 1;
}
