import type { FoundDisks } from "../found.ts";
import { unitTypeOf } from "../registry.ts";
import { type UnitEntry, unitEntries } from "../tree/unit-entries.ts";
import { record } from "./record-node.ts";
import type { Comparing, Findings } from "./findings.ts";
import { isKnownContent } from "./known-content.ts";
import { type NodeDifference, refused } from "./difference.ts";
import { type UnitPair } from "./type-changes.ts";
import { wipeContent } from "./wipe-content.ts";

/** A group is known by its name, or by all of its members. */
export function compareGroup(unit: UnitEntry, comparing: Comparing, groupsThere: Set<string>): void {
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
  record(
    { ...at, name: `${kind}-${name}`, sectorSize: facts?.sectorSize ?? 512 },
    groupName(unit),
    changes.compare(pair),
    comparing,
  );
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
