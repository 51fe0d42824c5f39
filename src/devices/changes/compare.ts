import type { DeviceContent } from "../content.ts";
import type { FoundDisks, FoundNode } from "../found.ts";
import { membershipOf } from "../layout/membership.ts";
import { contentTypeOf } from "../registry.ts";
import { contentName } from "./content-name.ts";
import { type ChangeKind, gravest } from "./difference.ts";
import type { ChangeSteps, Comparison, ContentPair, PartDifference, ChangePhase } from "./type-changes.ts";
import { compareTable } from "./compare-table.ts";
import { isSame } from "./same-content.ts";
import { type Comparing, type DevicePair, factsOf, type Findings } from "./findings.ts";
import { afterwards, recordMade } from "./record-made.ts";
import { wipeContent } from "./wipe-content.ts";

/** Compares what fills a device with what the tree wants there, with all that lies in it. */
export function compareDevice(pair: DevicePair, comparing: Comparing): void {
  const { wanted, found, foundPath } = pair;
  if (foundPath !== undefined && isUnclear(foundPath, pair, comparing)) return;
  if (wanted === null) return keepUnnamed(pair, comparing);
  if (found === null) return makeContent(pair, wanted, comparing);
  if (!isSame(wanted, found)) return replaceContent(pair, wanted, found, comparing);
  compareContent(pair, wanted, found, comparing);
}

/** Leaves alone a device that cannot be looked into, or holds nothing that a tree can say. */
function isUnclear(foundPath: string, pair: DevicePair, { found, findings }: Comparing): boolean {
  const reason = unclearReason(foundPath, pair, found);
  if (reason === undefined) return false;
  const isWanted = pair.wanted !== null || pair.before !== pair.after;
  findings.nodes.push({
    ...plain(pair),
    what: pair.found === null ? "something else" : contentName(pair.found),
    state: "unknown",
    change: "none",
    ...(isWanted ? { refusal: `${reason}; open it, or take it out of the tree` } : {}),
  });
  keep(pair, findings, found);
  return true;
}

function unclearReason(foundPath: string, pair: DevicePair, found: FoundDisks): string | undefined {
  const said = found.unexpressed.find(({ path }) => path === foundPath)?.reason;
  if (pair.found !== null) return isClosed(pair.found, foundPath) ? said : undefined;
  const isAsked = pair.wanted !== null && isAbsent(foundPath, found);
  return said ?? (isAsked ? "its device is not there, so that nothing is known of it" : undefined);
}

/** A volume that is not active looks as if it were empty. The parts of an image are no devices at all. */
function isAbsent(foundPath: string, { nodes, tree }: FoundDisks): boolean {
  const holder = nodes.get(foundPath.replace(/\.content$/, ""));
  const areDevices = Object.keys(tree.disk).some((key) => nodes.get(`disk.${key}`)?.device !== undefined);
  return areDevices && holder !== undefined && holder.device === undefined;
}

/** Nothing is seen of what lies in it. */
function isClosed(node: DeviceContent, path: string): boolean {
  return contentTypeOf(node).layout.kind === "container" && contentsAt(node, path).every((one) => one.node === null);
}

function contentsAt(node: DeviceContent, path: string) {
  return contentTypeOf(node).contents?.(node, path) ?? [];
}

/** The tree says nothing of what fills a device: it stays as it is, and does not change its size. */
function keepUnnamed(pair: DevicePair, { found, findings }: Comparing): void {
  if (pair.found === null || pair.foundPath === undefined) return;
  const shrinks = pair.after < pair.before;
  findings.nodes.push({
    ...plain(pair),
    what: contentName(pair.found),
    state: "extra",
    change: shrinks ? "destructive" : "none",
    ...(shrinks ? { refusal: "the tree says nothing of it, so that it is not made smaller" } : {}),
  });
  keep(pair, findings, found);
}

/** Records that what is there stays, with all that lies in it. */
function keep(pair: DevicePair, findings: Findings, found: FoundDisks): void {
  if (pair.foundPath === undefined) return;
  findings.kept.set(pair.path, pair.foundPath);
  for (const [path, node] of found.nodes) {
    const isIn = path === pair.foundPath || path.startsWith(`${pair.foundPath}.`);
    if (isIn) findings.after.set(pair.path + path.slice(pair.foundPath.length), node);
  }
}

/** Nothing is there: the content is made, with all that lies in it. */
function makeContent(pair: DevicePair, wanted: DeviceContent, comparing: Comparing): void {
  const { findings } = comparing;
  const change: ChangeKind = pair.foundPath === undefined ? "free" : "additive";
  findings.nodes.push({ ...plain(pair), what: contentName(wanted), state: "missing", change });
  recordMade(pair.path, wanted, pair, comparing, true);
}

/** Something else is there: it goes only if the user says so. */
function replaceContent(pair: DevicePair, wanted: DeviceContent, found: DeviceContent, comparing: Comparing): void {
  const { findings, destroys } = comparing;
  const from = contentName(found);
  const to = contentName(wanted);
  const wiping = wipeContent(pair, found, comparing);
  const refusal = destroys(pair.path)
    ? wiping.refusal
    : `it would be lost: ${from}; --destroy ${pair.path} lets go of it`;
  findings.nodes.push({
    ...plain(pair),
    what: to,
    state: "different",
    change: "destructive",
    properties: [{ name: "content", from, to, change: "destructive" }],
    loses: wiping.loses,
    ...(refusal === undefined ? {} : { refusal }),
  });
  if (refusal !== undefined) return keep(pair, findings, comparing.found);
  findings.steps.push({ phase: "remove", at: wiping.steps });
  recordMade(pair.path, wanted, pair, comparing, true);
}

/** The same kind of content: what differs in it, and then what lies in it. */
function compareContent(pair: DevicePair, wanted: DeviceContent, found: DeviceContent, comparing: Comparing): void {
  const { findings } = comparing;
  const { path, foundPath = path, device, before, after } = pair;
  const facts: FoundNode = factsOf(comparing, foundPath) ?? { device, size: before, usedAt: [] };
  const { changes } = contentTypeOf(wanted);
  if (changes?.table !== undefined) return compareTable(pair, wanted, found, comparing);
  const factsIn = (suffix: string) => factsOf(comparing, `${foundPath}${suffix}`);
  const both: ContentPair<DeviceContent> = { wanted, found, path, foundPath, facts, factsIn, device, before, after };
  const comparison = changes?.compare?.(both) ?? { properties: [], ...unlessSized(pair) };
  findings.after.set(path, afterwards(wanted, facts, after));
  recordMember(pair, wanted, found, comparing);
  record(pair, contentName(wanted), comparison, comparing);
}

/** A type that has no rules for changes is only ever the same. */
function unlessSized({ before, after }: DevicePair): { refusal?: string } {
  return before === after ? {} : { refusal: "nothing is known of how it gets another size" };
}

function recordMember(pair: DevicePair, wanted: DeviceContent, found: DeviceContent, { findings }: Comparing): void {
  const membership = membershipOf(wanted, pair.path);
  if (membership === undefined) return;
  const { path, device, before, after } = pair;
  const group = membershipOf(found, pair.foundPath ?? path)?.group;
  const { kind, group: wantedGroup } = membership;
  findings.members.push({ path, device, group, before, after, kind, wantedGroup });
}

/** Keeps what a comparison says of one node, and goes on with what lies in it. */
export function record(
  at: Pick<DevicePair, "path" | "before" | "after" | "sectorSize" | "name"> & { readonly device: string | null },
  what: string,
  { properties, refusal, steps, inside = [], parts = [], after: known }: Comparison,
  comparing: Comparing,
): void {
  const { findings } = comparing;
  const { path, device, before, after } = at;
  const isSameNode = properties.length === 0 && refusal === undefined;
  findings.nodes.push({
    path,
    what,
    device,
    before,
    after,
    properties,
    loses: [],
    state: isSameNode ? "same" : "different",
    change: gravest(properties.map(({ change }) => change)),
    ...(refusal === undefined ? {} : { refusal }),
  });
  if (known !== undefined) findings.after.set(path, { ...(findings.after.get(path) ?? unknownNode), ...known });
  recordSteps(steps, findings);
  for (const part of parts) {
    recordPart(part, comparing);
    const inner = inside.find((one) => liesOn(one, part));
    if (inner !== undefined) compareDevice({ ...inner, name: inner.name ?? at.name, sectorSize: 512 }, comparing);
  }
  for (const inner of inside) {
    if (parts.some((part) => liesOn(inner, part))) continue;
    compareDevice({ ...inner, name: inner.name ?? at.name, sectorSize: at.sectorSize }, comparing);
  }
}

/** Whether something lies on a part itself. Names have dots too, so that a longer path can be another part's. */
function liesOn(inner: { readonly path: string }, part: { readonly path: string }): boolean {
  return inner.path === `${part.path}.content`;
}

const unknownNode: FoundNode = { device: undefined, size: 0, usedAt: [] };

function recordSteps(steps: ChangeSteps | undefined, findings: Findings): void {
  for (const [phase, at] of Object.entries(steps ?? {})) findings.steps.push({ phase: phase as ChangePhase, at });
}

function recordPart(part: PartDifference, { findings, found }: Comparing): void {
  const { path, foundPath, what, device = null, state, properties, before, after, refusal, loses = [], steps } = part;
  const missing: ChangeKind[] = state === "missing" ? ["free"] : [];
  const lost: ChangeKind[] = loses.length > 0 ? ["destructive"] : [];
  findings.nodes.push({
    path,
    what,
    device,
    state,
    properties,
    before: before ?? null,
    after: after ?? null,
    loses,
    change: gravest([...properties.map(({ change }) => change), ...missing, ...lost]),
    ...(refusal === undefined ? {} : { refusal }),
  });
  const facts = foundPath === undefined ? undefined : found.nodes.get(foundPath);
  if (after !== undefined && (state !== "extra" || loses.length === 0)) {
    findings.after.set(path, { ...(facts ?? { usedAt: [] }), device: device ?? undefined, size: after });
  }
  if (state === "extra" && foundPath !== undefined && loses.length === 0) findings.kept.set(path, foundPath);
  recordSteps(steps, findings);
}

/** A difference in which nothing is done yet. */
function plain({ path, device, foundPath, before, after }: DevicePair) {
  return { path, device, before: foundPath === undefined ? null : before, after, properties: [], loses: [] };
}
