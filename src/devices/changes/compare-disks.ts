import { MkimageError } from "../../base/errors.ts";
import type { StepSetting } from "../../steps/setting.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { FoundDisks } from "../found.ts";
import { contentTypeOf, unitTypeOf } from "../registry.ts";
import { treeContext } from "../steps/tree-steps.ts";
import { diskName } from "../tree/disk-names.ts";
import { locatedContentsOf } from "../tree/contents.ts";
import { dependencyOrder, membersOf } from "../tree/members.ts";
import { refuseDuplicates } from "../tree/duplicates.ts";
import { requireGroups } from "../tree/groups.ts";
import { type Unit, unitsOf } from "../tree/units.ts";
import { type UnitEntry, unitEntries } from "../tree/unit-entries.ts";
import { afterChanges } from "./after-changes.ts";
import { compareDevice } from "./compare.ts";
import { record } from "./record-node.ts";
import type { Comparing, Findings } from "./findings.ts";
import { isKnownContent } from "./known-content.ts";
import { type TreeDifference, type NodeDifference, refused } from "./difference.ts";
import { phases, type ChangePlace, type UnitPair } from "./type-changes.ts";
import { wipeContent } from "./wipe-content.ts";

/** The two sides of a comparison, and what the user agrees to. */
interface ComparisonRequest {
  readonly wanted: DeviceTree;
  readonly found: FoundDisks;
  /** The keys of disks among what was found, by those of the tree. Default: they are the same. */
  readonly disks?: ReadonlyMap<string, string>;
  /** Without a layout: what is made gets its place here. */
  readonly setting: StepSetting;
  /** The nodes that the user lets go of, by their paths. */
  readonly destroy: readonly string[];
}

/**
 * Holds disks as they are against a tree. What exists keeps its place; everything else is made around it. Pure.
 *
 * @throws MkimageError BAD_REQUEST for a tree that is unsound, and for nodes to destroy that are none.
 */
export function compareDisks(request: ComparisonRequest): TreeDifference {
  const { wanted, found, setting, destroy } = request;
  refuseDuplicates(wanted);
  requireGroups(wanted);
  const findings: Findings = {
    nodes: [],
    steps: [],
    members: [],
    devices: new Map(),
    after: new Map(),
    kept: new Map(),
  };
  const comparing: Comparing = { found, findings, destroys: (path) => destroy.includes(path), compareDevice };
  const groupsThere = new Set<string>();
  for (const unit of unitsInOrder(wanted)) compareUnit(unit, request, comparing, groupsThere);
  requireNodes(destroy, findings.nodes);
  const tree = atDevices(wanted, findings.devices);
  const isRefused = refused(findings).length > 0;
  return {
    nodes: findings.nodes,
    tree,
    steps: isRefused ? [] : orderedSteps(tree, setting, findings, groupsThere),
    after: afterChanges(tree, found, findings),
  };
}

/** Disks first, each group behind what its members lie on. */
function unitsInOrder(tree: DeviceTree): UnitEntry[] {
  const devices = Object.fromEntries(
    Object.entries(tree.disk).map(([key, node]) => [diskName(key, node), node.device ?? `/${key}`]),
  );
  const usable = Object.fromEntries(
    Object.entries(devices).map(([name, path]) => [name, path.startsWith("/") ? path : `/${name}`]),
  );
  const units = unitsOf(tree, usable);
  return dependencyOrder(units, membersOf(units));
}

function compareUnit(
  unit: UnitEntry,
  request: ComparisonRequest,
  comparing: Comparing,
  groupsThere: Set<string>,
): void {
  if (unit.kind === "disk") return compareDisk(unit, request, comparing);
  // What has no members is on no disk.
  if (unitTypeOf(unit.kind).plan === undefined) return;
  compareGroup(unit, comparing, groupsThere);
}

function compareDisk(
  { key, name, path }: UnitEntry,
  { wanted, found, setting, disks }: ComparisonRequest,
  comparing: Comparing,
): void {
  const node = wanted.disk[key];
  const foundKey = disks?.get(key) ?? key;
  const there = found.tree.disk[foundKey];
  const facts = found.nodes.get(`disk.${foundKey}`);
  if (node === undefined) return;
  if (there === undefined || facts === undefined) {
    throw new MkimageError("BAD_REQUEST", `nothing was read of ${path}`, {
      hint: "give every disk of the tree a device",
    });
  }
  const device = setting.devices?.[name] ?? facts.device ?? node.device ?? "";
  comparing.findings.after.set(path, facts);
  compareDevice(
    {
      path: `${path}.content`,
      foundPath: `disk.${foundKey}.content`,
      wanted: node.content,
      found: there.content,
      device,
      before: facts.size,
      after: facts.size,
      name: `disk-${name}`,
      sectorSize: there.sectorSize,
    },
    comparing,
  );
}

/** A group is known by its name, or by all of its members. */
function compareGroup(unit: UnitEntry, comparing: Comparing, groupsThere: Set<string>): void {
  const { kind, name, node } = unit;
  const { found, findings } = comparing;
  const members = findings.members.filter((one) => one.kind === kind && one.wantedGroup === name);
  const groups = unitEntries(found.tree).filter((one) => one.kind === kind);
  const known = new Set(members.flatMap(({ group }) => group ?? []));
  const there =
    groups.find((one) => one.name === name) ??
    (known.size === 1 ? groups.find((one) => known.has(one.name)) : undefined);
  const { changes } = unitTypeOf(kind);
  if (there === undefined) {
    const making = withoutSteps(comparing);
    if (changes !== undefined) recordGroup(unit, { ...unit, node: changes.empty(node) }, members, making);
    missingGroup(unit, known, refused(making.findings), comparing);
    return;
  }
  groupsThere.add(`${kind} ${name}`);
  if (changes === undefined) return uncomparedGroup(unit, there, comparing);
  recordGroup(unit, there, members, comparing);
}

/** A comparison whose steps are dropped: a group that is made is made by its own. */
function withoutSteps(comparing: Comparing): Comparing {
  const { findings, found } = comparing;
  const none: FoundDisks = { ...found, nodes: new Map() };
  const own: NodeDifference[] = [];
  return { ...comparing, found: none, findings: { ...findings, steps: [], nodes: own } };
}

function recordGroup(unit: UnitEntry, there: UnitEntry, members: Findings["members"], comparing: Comparing): void {
  const { kind, name, path, node } = unit;
  const { found, findings } = comparing;
  const { changes } = unitTypeOf(kind);
  if (changes === undefined) return;
  const facts = found.nodes.get(there.path);
  const pair: UnitPair<typeof node> = {
    wanted: node,
    found: there.node,
    name,
    foundName: there.name,
    path,
    foundPath: there.path,
    facts,
    members,
    factsIn: (suffix) => found.nodes.get(`${there.path}${suffix}`),
    factsOfMember: (one) => findings.after.get(one),
    isKnown: (wanted, suffix, other) =>
      isKnownContent(wanted, { node: other, path: `${there.path}${suffix}` }, found.nodes),
    wiping: (suffix, content, device) => {
      const doomed = { path: `${path}${suffix}.content`, foundPath: `${there.path}${suffix}.content`, device };
      return wipeContent(doomed, content, { found });
    },
    destroys: comparing.destroys,
  };
  if (facts !== undefined) findings.after.set(path, facts);
  const at = { path, device: facts?.device ?? null, before: facts?.size ?? 0, after: facts?.size ?? 0 };
  record({ ...at, name: `${kind}-${name}`, sectorSize: 512 }, groupName(unit), changes.compare(pair), comparing);
}

function groupName({ kind, name }: UnitEntry): string {
  return `${kind} ${name}`;
}

/** Members that another group has cannot make this one. */
function missingGroup(
  unit: UnitEntry,
  known: ReadonlySet<string>,
  faults: readonly NodeDifference[],
  { findings }: Comparing,
): void {
  const { path } = unit;
  const inside = faults.map((one) => `${one.path}: ${one.refusal}`);
  const all = known.size === 0 ? inside : [`its members belong to ${[...known].join(", ")}`];
  const fault = all.length === 0 ? undefined : all.join("; ");
  findings.nodes.push({
    ...bare(unit),
    state: "missing",
    change: "free",
    ...(fault === undefined ? {} : { refusal: fault }),
  });
  findings.steps.push({
    phase: "grow",
    at: ({ unit: unitAt, context }) => unitTypeOf(unit.kind).steps(unitAt(path), unitAt(path).node, context).create,
  });
}

/** A type without rules for changes: what it says is there, or it is not told. */
function uncomparedGroup(unit: UnitEntry, there: UnitEntry, { findings, found }: Comparing): void {
  const isSame = JSON.stringify(unit.node) === JSON.stringify(there.node);
  findings.nodes.push({
    ...bare(unit),
    state: isSame ? "same" : "unknown",
    change: "none",
  });
  findings.kept.set(unit.path, there.path);
  for (const [path, node] of found.nodes) {
    const isIn = path === there.path || path.startsWith(`${there.path}.`);
    if (isIn) findings.after.set(unit.path + path.slice(there.path.length), node);
  }
}

function bare(unit: UnitEntry) {
  return { path: unit.path, what: groupName(unit), device: null, before: null, after: null, properties: [], loses: [] };
}

function requireNodes(destroy: readonly string[], nodes: readonly NodeDifference[]): void {
  const unknown = destroy.filter((path) => !nodes.some((node) => node.path === path && node.change === "destructive"));
  if (unknown.length === 0) return;
  const doomed = nodes
    .filter(({ change, state }) => change === "destructive" || state === "extra")
    .map(({ path }) => path);
  throw new MkimageError("BAD_REQUEST", `there is nothing to destroy at ${unknown.join(", ")}`, {
    hint: doomed.length === 0 ? "nothing has to be destroyed" : `what can be destroyed is ${doomed.join(", ")}`,
  });
}

/** The tree with each partition at its device, where its number is not that of its order. */
function atDevices(tree: DeviceTree, devices: ReadonlyMap<string, string>): DeviceTree {
  const disk = Object.entries(tree.disk).map(([key, node]) => {
    const { content } = node;
    const table = content === null ? undefined : contentTypeOf(content).changes?.table;
    if (content === null || table === undefined) return [key, node] as const;
    const path = `disk.${key}.content`;
    const own = table.partitions(content, { path, name: "" }).flatMap((partition) => {
      const device = devices.get(partition.path);
      return device === undefined ? [] : [{ partition, device }];
    });
    const moved = own.filter(({ partition, device }) => numberIn(device) !== partition.number);
    const named = new Map(moved.map(({ partition, device }) => [partition.key, device]));
    return [key, { ...node, content: table.withDevices(content, named) }] as const;
  });
  return { ...tree, disk: Object.fromEntries(disk) };
}

function numberIn(device: string): number {
  return Number(/\d+$/.exec(device)?.[0]);
}

/** Phase after phase; what is made smaller is so from the inside out. */
function orderedSteps(tree: DeviceTree, setting: StepSetting, { steps }: Findings, groupsThere: ReadonlySet<string>) {
  const context = treeContext("format", tree, setting);
  const units = unitsOf(tree, setting.devices);
  const contents = new Map(locatedContentsOf(units).map((located) => [located.path, located]));
  const place: ChangePlace = {
    context,
    located: (path) => contents.get(path) ?? lost(path),
    unit: (path) => units.find((unit) => unit.path === path) ?? (lost(path) as Unit),
    isGroupThere: (kind, group) => groupsThere.has(`${kind} ${group}`),
  };
  return phases.flatMap((phase) => {
    const own = steps.filter((one) => one.phase === phase);
    return (phase === "shrink" ? own.toReversed() : own).flatMap(({ at }) => at(place));
  });
}

function lost(path: string): never {
  throw new MkimageError("INTERNAL", `${path} was compared, and is not in the tree`);
}
