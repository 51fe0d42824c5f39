import { overlaps, type Span } from "../../layout/span.ts";
import type { TreeReader } from "./reading.ts";

interface NumberedSpan extends Span {
  readonly number: number;
}

/** Says of a table that partitions of it have sectors in common: whatever is done to one of them changes the other. */
export function faultOverlaps(partitions: readonly NumberedSpan[], path: string, reader: TreeReader): void {
  for (const [index, one] of partitions.entries()) {
    const other = partitions.slice(index + 1).find((later) => overlaps(one, later));
    if (other !== undefined) reader.fault(path, `its partitions ${one.number} and ${other.number} overlap`);
  }
}
