import { MkimageError } from "../errors.ts";
import { neededSize } from "./content.ts";
import type { LayoutRequest } from "./request.ts";
import { smallestSize } from "./smallest.ts";
import { type Span, lengthOf } from "./span.ts";
import type { PlannedPartition, TablePlan } from "./table-plan.ts";
import { type Bytes, MiB, formatSize } from "./units.ts";

/** A table with the size of what it lies on, and the sectors of its partitions. */
export interface SolvedTable {
  readonly size: Bytes;
  readonly spans: readonly Span[];
}

/** A table that waits for a size. */
export interface TableProblem {
  readonly plan: TablePlan;
  /** What it lies on, for messages: `disk main`. */
  readonly holder: string;
  readonly sectorSize: 512 | 4096;
}

/**
 * Finds the size of the disk, unless it is given, and the sectors of each partition.
 *
 * @throws MkimageError TOO_SMALL, with the size that would do; BAD_REQUEST when no size would.
 */
export function solveTable(problem: TableProblem, given: Bytes | "auto", request: LayoutRequest): SolvedTable {
  const needs = problem.plan.partitions.map((partition) => flexibleNeed(partition, problem.sectorSize, request));
  const attempt = (size: Bytes) => faultAt(problem, needs, size);
  const fault = given === "auto" ? undefined : attempt(given);
  if (given === "auto" || fault !== undefined) {
    const size = smallestSize((candidate) => attempt(candidate) === undefined);
    if (size === undefined) throw unsolvable(problem, needs, given);
    if (given !== "auto") throw tooSmall(problem, given, size, fault ?? "");
    return solved(problem, size, request);
  }
  return solved(problem, given, request);
}

function solved(problem: TableProblem, size: Bytes, request: LayoutRequest): SolvedTable {
  const { spans = [] } = problem.plan.place(size / problem.sectorSize);
  refuseFullPartitions(problem, spans, request);
  return { size, spans };
}

/** What a partition needs whose size is still open; zero for the others. */
function flexibleNeed(partition: PlannedPartition, sectorSize: 512 | 4096, request: LayoutRequest): Bytes {
  const { flexible, content, path } = partition;
  if (!flexible) return 0;
  return content === null ? MiB : neededSize({ node: content, path: `${path}.content`, sectorSize }, null, request);
}

function faultAt({ plan, sectorSize }: TableProblem, needs: readonly Bytes[], size: Bytes): string | undefined {
  const { spans, fault } = plan.place(size / sectorSize);
  if (spans === undefined) return fault;
  const short = spans.findIndex((span, index) => lengthOf(span) * sectorSize < (needs[index] ?? 0));
  const span = spans[short];
  if (span === undefined) return undefined;
  const has = formatSize(lengthOf(span) * sectorSize);
  return `partition ${plan.partitions[short]?.key} would have ${has}, and its contents need ${formatSize(needs[short] ?? 0)}`;
}

/** A larger disk does not help a partition whose size is fixed. */
function refuseFullPartitions(
  { plan, sectorSize, holder }: TableProblem,
  spans: readonly Span[],
  request: LayoutRequest,
): void {
  const faults = plan.partitions.flatMap(({ flexible, content, path, key }, index) => {
    const span = spans[index];
    if (flexible || content === null || span === undefined) return [];
    const size = lengthOf(span) * sectorSize;
    const need = neededSize({ node: content, path: `${path}.content`, sectorSize }, size, request);
    if (need <= size) return [];
    return [`partition ${key} has ${formatSize(size)}, and its contents need ${formatSize(need)} (${need} bytes)`];
  });
  if (faults.length === 0) return;
  throw new MkimageError("TOO_SMALL", `${holder}: ${faults[0]}`, {
    details: faults.slice(1),
    hint: "make the partition larger, or its size 100%, so that it follows its contents",
  });
}

function tooSmall({ holder }: TableProblem, given: Bytes, size: Bytes, fault: string): MkimageError {
  return new MkimageError(
    "TOO_SMALL",
    `${holder} is too small: it has ${formatSize(given)} and needs ${formatSize(size)} (${size} bytes)`,
    {
      details: [fault],
      hint: `give it at least ${size / MiB}M, or leave the size to mkimage: auto`,
    },
  );
}

function unsolvable(problem: TableProblem, needs: readonly Bytes[], given: Bytes | "auto"): MkimageError {
  const fault = faultAt(problem, needs, given === "auto" ? 2 ** 42 : given) ?? "it fits on no disk";
  return new MkimageError("BAD_REQUEST", `${problem.holder}: ${fault}`, {
    hint: "no size of the disk would help; only one partition of a table can take 100%, and none may overlap",
  });
}
