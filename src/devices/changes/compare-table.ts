import { lengthOf } from "../../layout/span.ts";
import type { DeviceContent } from "../content.ts";
import { comparePartition } from "./compare-partition.ts";
import { doubtPartition, keepPartition, removePartition, removes } from "./extra-partitions.ts";
import { type Comparing, type DevicePair, factsOf } from "./findings.ts";
import { hasWantedUuid, isKnownContent } from "./known-content.ts";
import { makePartition } from "./make-partition.ts";
import { matchPartitions } from "./match-partitions.ts";
import { isSame } from "./same-content.ts";
import { type TableEdit, tableSteps } from "./table-steps.ts";
import { spanOf, tableRules, type Tables } from "./tables.ts";
import type { TablePartition } from "./table-changes.ts";

/** Compares two partition tables of one scheme: what exists keeps its place. */
export function compareTable(
  pair: DevicePair,
  wanted: DeviceContent,
  found: DeviceContent,
  comparing: Comparing,
): void {
  const { path, foundPath = path, name } = pair;
  const rules = tableRules(wanted);
  const tables: Tables = {
    pair,
    foundPath,
    rules,
    node: wanted,
    scheme: rules.scheme(wanted),
    wanted: rules.partitions(wanted, { path, name }),
    found: numbered(tableRules(found).partitions(found, { path: foundPath, name }), comparing),
    comparing,
  };
  const { findings } = comparing;
  const match = matchPartitions(tables.wanted, tables.found, likenessIn(tables));
  const extra = match.extra.filter((one) => !removes(one, tables));
  const removed = match.extra.filter((one) => !extra.includes(one));
  const ambiguous = [...match.ambiguous.values()].flat();
  const { spans, faults } = rules.place(without(wanted, match.ambiguous), {
    sectors: Math.floor(pair.after / pair.sectorSize),
    sectorSize: pair.sectorSize,
    there: new Map([...match.pairs].flatMap(([key, one]) => spanOf(one, tables).map((span) => [key, span] as const))),
    others: [...extra, ...ambiguous].flatMap((one) => spanOf(one, tables).map((span) => ({ ...span, role: one.role }))),
  });
  findings.after.set(path, {
    ...(factsOf(comparing, foundPath) ?? { usedAt: [], device: pair.device }),
    size: pair.after,
  });
  const edits: TableEdit[] = [];
  const at = findings.nodes.length;
  const stepsAt = findings.steps.length;
  const taken = new Set([...extra, ...ambiguous, ...match.pairs.values()].map(({ number }) => number));
  for (const partition of tables.wanted) {
    const doubt = match.ambiguous.get(partition.key);
    const there = match.pairs.get(partition.key);
    const span = spans?.get(partition.key);
    const fault = faults?.get(partition.key);
    if (doubt !== undefined) doubtPartition(partition, doubt, tables);
    else if (there !== undefined) edits.push(...comparePartition(partition, there, span, fault, tables));
    else edits.push(...makePartition(partition, span, fault, taken, tables));
  }
  for (const one of extra) keepPartition(one, tables);
  edits.push(...removed.flatMap((one) => removePartition(one, tables)));
  recordTable(tables, edits, at, stepsAt);
}

/** Partitions have the numbers that they have on the disk, whatever their order in a tree. */
function numbered(partitions: readonly TablePartition[], comparing: Comparing): TablePartition[] {
  return partitions.map((one) => {
    const facts = factsOf(comparing, one.path);
    const { number } = facts?.place ?? one;
    return { ...one, number, uuid: facts?.uuid ?? one.uuid, label: facts?.label ?? one.label };
  });
}

/** A tree without the partitions of which nothing is known. */
function without(node: DeviceContent, keys: ReadonlyMap<string, unknown>): DeviceContent {
  if (keys.size === 0 || !("partitions" in node) || Array.isArray(node.partitions)) return node;
  const partitions = Object.fromEntries(Object.entries(node.partitions).filter(([key]) => !keys.has(key)));
  return { ...node, partitions } as DeviceContent;
}

function likenessIn(tables: Tables) {
  const { comparing } = tables;
  return {
    isLetGo: (one: TablePartition): boolean => removes(one, tables),
    couldBe: (one: TablePartition, other: TablePartition): boolean => {
      if (one.content === null || other.content === null)
        return one.content === other.content && one.type === other.type;
      return isSame(one.content, other.content);
    },
    isKnown: (one: TablePartition, other: TablePartition): boolean =>
      isKnownContent(one.content, contentIn(other), comparing.found.nodes),
    isSure: (one: TablePartition, other: TablePartition): boolean =>
      hasWantedUuid(one.content, contentIn(other), comparing.found.nodes),
  };
}

function contentIn({ path, content }: TablePartition) {
  return { node: content, path: `${path}.content` };
}

/** The table itself, before its partitions: all of its changes are one write. */
function recordTable(tables: Tables, edits: readonly TableEdit[], at: number, stepsAt: number): void {
  const { pair, found, scheme, comparing } = tables;
  const { findings } = comparing;
  const refusal = edits.length === 0 ? undefined : tableFault(tables);
  const label = scheme === "gpt" ? "a GUID partition table" : "an msdos partition table";
  findings.nodes.splice(at, 0, {
    path: pair.path,
    what: label,
    device: pair.device,
    before: pair.before,
    after: pair.after,
    state: refusal === undefined ? "same" : "unknown",
    change: "none",
    properties: [],
    loses: [],
    ...(refusal === undefined ? {} : { refusal }),
  });
  if (edits.length === 0) return;
  const expected = found.flatMap((one) =>
    spanOf(one, tables).map((span) => ({ number: one.number, first: span.first, length: lengthOf(span) })),
  );
  findings.steps.splice(stepsAt, 0, ...tableSteps({ pair, scheme, edits, expected }));
}

/** Why a table is not written: what is wrong with it, or what would be lost with a change of it. */
function tableFault({ pair, foundPath, comparing }: Tables): string | undefined {
  const faults = comparing.found.unexpressed.filter(({ path, isFault }) => isFault === true && path === foundPath);
  if (faults.length > 0)
    return `the table is damaged, and not changed: ${faults.map(({ reason }) => reason).join("; ")}`;
  const { held, unusual = [] } = factsOf(comparing, pair.foundPath) ?? {};
  if (held !== undefined) return held;
  if (unusual.length > 0)
    return `a change of the table would not keep all of it: ${unusual.join("; ")}; sgdisk keeps that: change the table with it, then run this again`;
  return isHybrid(pair.found) ? "it has a hybrid MBR, which would be lost with a change of the table" : undefined;
}

function isHybrid(node: DeviceContent | null): boolean {
  if (node === null || !("partitions" in node)) return false;
  return Object.values(node.partitions).some((one: object) => "hybrid" in one && one.hybrid !== null);
}
