import { partitionPath } from "../../layout/partition-path.ts";
import { lengthOf, type Span } from "../../layout/span.ts";
import { freeNumber, type TableEdit } from "./table-steps.ts";
import { activeFault, inPartition, type Tables } from "./tables.ts";
import type { TablePartition } from "./table-changes.ts";

/** A partition that is missing is made where there is room. */
export function makePartition(
  partition: TablePartition,
  span: Span | undefined,
  fault: string | undefined,
  taken: Set<number>,
  tables: Tables,
): TableEdit[] {
  const { pair, comparing, scheme } = tables;
  const { findings } = comparing;
  const { path, key } = partition;
  const number = partition.isNumbered ? partition.number : freeNumber(taken);
  const numbered = scheme === "dos" ? numberFault(partition, taken) : undefined;
  const unplaced = span === undefined ? "there is no room for it" : undefined;
  const refusal = fault ?? numbered ?? unplaced ?? activeFault(partition, number, tables);
  const device = partitionPath(pair.device, number);
  const after = span === undefined ? 0 : lengthOf(span) * pair.sectorSize;
  const common = { path, what: `partition ${number} (${key})`, device, properties: [], loses: [], before: null };
  if (refusal !== undefined || span === undefined) {
    findings.nodes.push({ ...common, after: null, state: "in the way", change: "none", refusal });
    return [];
  }
  taken.add(number);
  findings.devices.set(path, device);
  findings.nodes.push({ ...common, after, state: "missing", change: "additive" });
  const place = { offset: span.first * pair.sectorSize, number };
  findings.after.set(path, { device, size: after, usedAt: [], place, label: partition.label ?? undefined });
  inPartition(partition, { device, before: 0, after }, tables);
  return [{ number, key: "add", span, partition }];
}

/** Logical partitions have the numbers of their chain, in which a new one comes last, wherever it lies. */
function numberFault({ role, number }: TablePartition, taken: ReadonlySet<number>): string | undefined {
  if (role === "extended") return "an extended partition is not added to a table that is there";
  if (role === "primary") return number > 4 ? "an msdos table has four primary partitions" : undefined;
  return number === 5 || taken.has(number - 1)
    ? undefined
    : `it would be partition ${number}, and there is no ${number - 1}: logical partitions are numbered in turn`;
}
