import { partitionPath } from "../../layout/partition-path.ts";
import { lengthOf, type Span } from "../../layout/span.ts";
import { freeNumber, type TableEdit } from "./table-steps.ts";
import { inPartition, type Tables } from "./tables.ts";
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
  const mapped =
    scheme === "dos" && partition.role !== "primary"
      ? "only primary partitions are added to an msdos table"
      : undefined;
  const most = scheme === "dos" && number > 4 ? "an msdos table has four primary partitions" : undefined;
  const refusal = fault ?? mapped ?? most ?? (span === undefined ? "there is no room for it" : undefined);
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
