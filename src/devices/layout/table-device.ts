import { MkimageError } from "../../base/errors.ts";
import type { ContentLayout, Place } from "../../layout/layout.ts";
import { smallestSize } from "../../layout/smallest.ts";
import type { DeviceNode, DevicePlan, Solver } from "./solver.ts";
import { type Span, lengthOf } from "../../layout/span.ts";
import type { PlannedPartition, TablePlan } from "./table-plan.ts";
import { type Bytes, MiB, TiB, formatSize } from "../../base/units.ts";

/** Plans a device that holds a partition table. */
export function tableDevice(plan: TablePlan, device: DeviceNode, solver: Solver): DevicePlan {
  let known: readonly Bytes[] | undefined;
  const needs = () => (known ??= plan.partitions.map((partition) => flexibleNeed(partition, device, solver)));
  const faultAt = (size: Bytes) => faultOf(plan, needs(), size, device.sectorSize);
  return {
    faultAt,
    need: () => {
      const size = smallestSize((candidate) => faultAt(candidate) === undefined);
      if (size === undefined) throw unsolvable(device, faultAt(4 * TiB));
      return size;
    },
    layOut: (size, place) => {
      const { spans = [] } = plan.place(size / device.sectorSize);
      refuseFullPartitions(plan, spans, device, solver);
      const contents = plan.partitions.map((partition, index) =>
        layOutPartition(partition, spans[index], device, place, solver),
      );
      return { table: plan.layout(size / device.sectorSize, spans, contents), content: null };
    },
  };
}

/** Returns the size that a partition of open size needs; zero for the others. */
function flexibleNeed(
  { flexible, content, path, names }: PlannedPartition,
  { sectorSize }: DeviceNode,
  solver: Solver,
): Bytes {
  if (!flexible) return 0;
  return content === null
    ? Math.max(MiB, solver.lentNeed(names))
    : solver.need({ node: content, path: `${path}.content`, sectorSize }, null);
}

function faultOf(plan: TablePlan, needs: readonly Bytes[], size: Bytes, sectorSize: number): string | undefined {
  const { spans, fault } = plan.place(Math.floor(size / sectorSize));
  if (spans === undefined) return fault;
  const short = spans.findIndex((span, index) => lengthOf(span) * sectorSize < (needs[index] ?? 0));
  const span = spans[short];
  if (span === undefined) return undefined;
  const has = formatSize(lengthOf(span) * sectorSize);
  return `partition ${plan.partitions[short]?.key} would have ${has}, and its contents need ${formatSize(needs[short] ?? 0)}`;
}

function layOutPartition(
  { content, path }: PlannedPartition,
  span: Span | undefined,
  { sectorSize }: DeviceNode,
  place: Place | null,
  solver: Solver,
): ContentLayout | null {
  if (content === null || span === undefined) return null;
  const inside = place === null ? null : { disk: place.disk, offset: place.offset + span.first * sectorSize };
  return solver.layOut({ node: content, path: `${path}.content`, sectorSize }, lengthOf(span) * sectorSize, inside);
}

/** A larger device does not help a partition whose size is fixed. */
function refuseFullPartitions(
  plan: TablePlan,
  spans: readonly Span[],
  { sectorSize, title }: DeviceNode,
  solver: Solver,
): void {
  const faults = plan.partitions.flatMap(({ flexible, content, path, key }, index) => {
    const span = spans[index];
    if (flexible || content === null || span === undefined) return [];
    const size = lengthOf(span) * sectorSize;
    const need = solver.need({ node: content, path: `${path}.content`, sectorSize }, size);
    if (need <= size) return [];
    return [`partition ${key} has ${formatSize(size)}, and its contents need ${formatSize(need)} (${need} bytes)`];
  });
  if (faults.length === 0) return;
  throw new MkimageError("TOO_SMALL", `${title}: ${faults[0]}`, {
    details: faults.slice(1),
    hint: "make the partition larger, or its size 100%, so that it follows its contents",
  });
}

function unsolvable({ title }: DeviceNode, fault: string | undefined): MkimageError {
  return new MkimageError("BAD_REQUEST", `${title}: ${fault ?? "its partitions fit on no disk"}`, {
    hint: "no size of the disk would help; only one partition of a table can take 100%, and none may overlap",
  });
}
