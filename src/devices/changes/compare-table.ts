import { MkimageError } from "../../base/errors.ts";
import { formatSize } from "../../base/units.ts";
import { partitionPath } from "../../layout/partition-path.ts";
import { lengthOf, type Span } from "../../layout/span.ts";
import type { DeviceContent } from "../content.ts";
import { contentTypeOf } from "../registry.ts";
import { type Comparing, type DevicePair, factsOf } from "./findings.ts";
import { isSame } from "./same-content.ts";
import { contentName } from "./content-name.ts";
import { hasWantedUuid, isKnownContent } from "./known-content.ts";
import { gravest, type Property, sizeProperties } from "./difference.ts";
import { matchPartitions } from "./match-partitions.ts";
import { freeNumber, type TableEdit, tableSteps } from "./table-steps.ts";
import type { TableChanges, TablePartition } from "./type-changes.ts";
import { wipeContent } from "./wipe-content.ts";

/** A table of the tree, and the one that is there. */
interface Tables {
  readonly pair: DevicePair;
  readonly foundPath: string;
  readonly rules: TableChanges<DeviceContent>;
  readonly node: DeviceContent;
  readonly scheme: "gpt" | "dos";
  readonly wanted: readonly TablePartition[];
  readonly found: readonly TablePartition[];
  readonly comparing: Comparing;
}

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
    others: [...extra, ...ambiguous].flatMap((one) => spanOf(one, tables)),
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

function tableRules(node: DeviceContent): TableChanges<DeviceContent> {
  const rules = contentTypeOf(node).changes?.table;
  if (rules === undefined) throw new MkimageError("INTERNAL", `${node.type} is compared as a table`);
  return rules;
}

/** Partitions have the numbers that they have on the disk, whatever their order in a tree. */
function numbered(partitions: readonly TablePartition[], comparing: Comparing): TablePartition[] {
  return partitions.map((one) => {
    const facts = factsOf(comparing, one.path);
    const { number } = facts?.place ?? one;
    return { ...one, number, uuid: facts?.uuid ?? one.uuid, label: facts?.label ?? one.label };
  });
}

function spanOf({ path }: TablePartition, { pair, comparing }: Tables): Span[] {
  const facts = factsOf(comparing, path);
  if (facts?.place === undefined) return [];
  const first = facts.place.offset / pair.sectorSize;
  return [{ first, last: first + facts.size / pair.sectorSize - 1 }];
}

/** A tree without the partitions of which nothing is known. */
function without(node: DeviceContent, keys: ReadonlyMap<string, unknown>): DeviceContent {
  if (keys.size === 0 || !("partitions" in node) || Array.isArray(node.partitions)) return node;
  const partitions = Object.fromEntries(Object.entries(node.partitions).filter(([key]) => !keys.has(key)));
  return { ...node, partitions } as DeviceContent;
}

function likenessIn({ comparing }: Tables) {
  return {
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

/** A partition of the disk that is not in the tree is removed only if it is named, as the tree would name it. */
function removes(partition: TablePartition, tables: Tables): boolean {
  return tables.comparing.destroys(extraPath(partition, tables));
}

/** The path of a partition that is not in the tree, as if it were; no other has it. */
function extraPath({ key, path }: TablePartition, { pair, foundPath, wanted }: Tables): string {
  const own = pair.path + path.slice(foundPath.length);
  return wanted.some((one) => one.path === own) ? `${own} as it is there (${key})` : own;
}

function doubtPartition(partition: TablePartition, others: readonly TablePartition[], { comparing }: Tables): void {
  const names = others.map(({ number, label }) => (label ? `${number} (${label})` : String(number)));
  comparing.findings.nodes.push({
    path: partition.path,
    what: "a partition",
    device: null,
    before: null,
    after: null,
    state: "unknown",
    change: "none",
    properties: [],
    loses: [],
    refusal: `it could be partition ${names.join(" or ")}, and nothing tells: give it the UUID of the one that is meant, or one of its own if it is none of them`,
  });
}

/** A partition that is there: its entry in the table, and then what is in it. */
function comparePartition(
  partition: TablePartition,
  there: TablePartition,
  span: Span | undefined,
  fault: string | undefined,
  tables: Tables,
): TableEdit[] {
  const { pair, comparing, scheme } = tables;
  const { findings } = comparing;
  const facts = factsOf(comparing, there.path);
  const [old] = spanOf(there, tables);
  const device = facts?.device ?? partitionPath(pair.device, there.number);
  const before = facts?.size ?? 0;
  const after = span === undefined ? before : lengthOf(span) * pair.sectorSize;
  const properties: Property[] = [...sizeProperties(before, after), ...entryProperties(partition, there, scheme)];
  const lost = facts === undefined || old === undefined ? "nothing is known of where it lies" : undefined;
  const refusal = fault ?? lost;
  findings.devices.set(partition.path, device);
  findings.nodes.push({
    path: partition.path,
    what: `partition ${there.number}`,
    device,
    before,
    after,
    properties,
    loses: [],
    state: properties.length === 0 && refusal === undefined ? "same" : "different",
    change: gravest(properties.map((property) => property.change)),
    ...(refusal === undefined ? {} : { refusal }),
  });
  findings.after.set(partition.path, {
    ...facts,
    device,
    usedAt: facts?.usedAt ?? [],
    size: after,
    label: partition.label ?? facts?.label,
  });
  inPartition(partition, { there, device, before, after }, tables);
  const sized = old !== undefined && span !== undefined && before !== after;
  return [
    ...(sized ? [{ number: there.number, key: "size", value: lengthOf(span) } as const] : []),
    ...entryEdits(partition, there, scheme),
  ];
}

/** The differences of a partition's entry, beside its place. */
function entryProperties(one: TablePartition, there: TablePartition, scheme: "gpt" | "dos"): Property[] {
  return entryEdits(one, there, scheme).flatMap((edit): Property[] => {
    switch (edit.key) {
      case "name":
        return [{ name: "name", from: there.label ?? "", to: edit.value, change: "free" }];
      case "type":
        return [{ name: "type", from: there.type, to: edit.value, change: "free" }];
      case "attrs":
        return [{ name: "attributes", from: there.attributes.join(","), to: edit.value.join(","), change: "free" }];
      case "active":
        return [{ name: "bootable", from: "no", to: "yes", change: "free" }];
      default:
        return [];
    }
  });
}

function entryEdits(one: TablePartition, there: TablePartition, scheme: "gpt" | "dos"): TableEdit[] {
  const { number } = there;
  const isRenamed = scheme === "gpt" && one.label !== null && one.label !== (there.label ?? "");
  const bits = [...new Set([...there.attributes, ...one.attributes])].toSorted((a, b) => a - b);
  const isMissingBits = bits.length > there.attributes.length;
  return [
    ...(isRenamed ? [{ number, key: "name", value: one.label ?? "" } as const] : []),
    // In an MBR the type decides whether the first sector is a record of the table: nobody's data is there to be one.
    ...(scheme === "dos" || one.isTypeOpen || one.type === there.type
      ? []
      : [{ number, key: "type", value: one.type } as const]),
    ...(scheme === "gpt" && isMissingBits ? [{ number, key: "attrs", value: bits } as const] : []),
    ...(scheme === "dos" && one.active && !there.active ? [{ number, key: "active" } as const] : []),
  ];
}

function inPartition(
  { path, key, content }: TablePartition,
  at: { there?: TablePartition; device: string; before: number; after: number },
  { pair, comparing }: Tables,
): void {
  const { there, device, before, after } = at;
  const foundPath = there === undefined ? undefined : `${there.path}.content`;
  comparing.compareDevice(
    {
      path: `${path}.content`,
      foundPath,
      wanted: content,
      found: there?.content ?? null,
      device,
      before,
      after,
      name: `${pair.name}-${key}`,
      sectorSize: pair.sectorSize,
    },
    comparing,
  );
}

/** A partition that is missing is made where there is room. */
function makePartition(
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

function keepPartition(partition: TablePartition, tables: Tables): void {
  const { findings, found } = tables.comparing;
  const facts = found.nodes.get(partition.path);
  const path = extraPath(partition, tables);
  const name = partition.label ? `${partition.number} (${partition.label})` : partition.number;
  const holds = partition.content === null ? "" : `, ${contentName(partition.content)}`;
  findings.nodes.push({
    path,
    what: `partition ${name}${holds}`,
    device: facts?.device ?? null,
    before: facts?.size ?? null,
    after: facts?.size ?? null,
    state: "extra",
    change: "none",
    properties: [],
    loses: [],
  });
  findings.kept.set(path, partition.path);
  for (const [at, node] of found.nodes) {
    if (at === partition.path || at.startsWith(`${partition.path}.`))
      findings.after.set(path + at.slice(partition.path.length), node);
  }
}

function removePartition(partition: TablePartition, tables: Tables): TableEdit[] {
  const { comparing, pair } = tables;
  const { findings } = comparing;
  const facts = factsOf(comparing, partition.path);
  const path = extraPath(partition, tables);
  const device = facts?.device ?? partitionPath(pair.device, partition.number);
  const doomed = { path: `${path}.content`, foundPath: `${partition.path}.content`, device };
  const { loses, refusal, steps } = wipeContent(doomed, partition.content, comparing);
  findings.nodes.push({
    path,
    what: `partition ${partition.number}`,
    device,
    before: facts?.size ?? null,
    after: null,
    state: "extra",
    change: "destructive",
    properties: [],
    loses: [`partition ${partition.number}${facts === undefined ? "" : ` of ${formatSize(facts.size)}`}`, ...loses],
    ...(refusal === undefined ? {} : { refusal }),
  });
  if (refusal !== undefined) return [];
  findings.steps.push({ phase: "remove", at: steps });
  return [{ number: partition.number, key: "delete" }];
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
  return isHybrid(pair.found) ? "it has a hybrid MBR, which would be lost with a change of the table" : undefined;
}

function isHybrid(node: DeviceContent | null): boolean {
  if (node === null || !("partitions" in node)) return false;
  return Object.values(node.partitions).some((one: object) => "hybrid" in one && one.hybrid !== null);
}
