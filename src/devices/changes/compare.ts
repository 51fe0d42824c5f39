import type { DeviceContent } from "../content.ts";
import type { FoundNode } from "../found.ts";
import { membershipOf } from "../layout/membership.ts";
import { contentTypeOf } from "../registry.ts";
import { contentName } from "./content-name.ts";
import { compareTable } from "./compare-table.ts";
import type { ChangeKind } from "./difference.ts";
import { type Comparing, type DevicePair, factsOf } from "./findings.ts";
import { keep, keepUnclear, keepUnnamed, plainNode } from "./keep-content.ts";
import { record } from "./record-node.ts";
import { afterwards, recordMade } from "./record-made.ts";
import { isSame } from "./same-content.ts";
import type { ContentPair } from "./type-changes.ts";
import { unlessHeld } from "./unless-held.ts";
import { wipeContent } from "./wipe-content.ts";

/** Compares what fills a device with what the tree wants there, with all that lies in it. */
export function compareDevice(given: DevicePair, comparing: Comparing): void {
  const { wanted, found, foundPath } = given;
  const facts = factsOf(comparing, foundPath);
  // What provides a device may have other sectors than it has.
  const pair = { ...given, sectorSize: facts?.sectorSize ?? given.sectorSize };
  if (keepUnclear(pair, comparing)) return;
  if (wanted === null) return keepUnnamed(pair, comparing);
  if (found !== null && isSame(wanted, found)) return compareContent(pair, wanted, found, comparing);
  const there = found === null ? facts?.holds?.what : contentName(found);
  if (there === undefined) return makeContent(pair, wanted, comparing);
  replaceContent(pair, wanted, there, comparing);
}

/** Nothing is there: the content is made, with all that lies in it. */
function makeContent(pair: DevicePair, wanted: DeviceContent, comparing: Comparing): void {
  const { findings } = comparing;
  const change: ChangeKind = pair.foundPath === undefined ? "free" : "additive";
  findings.nodes.push({ ...plainNode(pair), what: contentName(wanted), state: "missing", change });
  recordMade(pair.path, wanted, pair, comparing, true);
}

/** Something else is there: it goes only if the user says so. */
function replaceContent(pair: DevicePair, wanted: DeviceContent, from: string, comparing: Comparing): void {
  const { findings, destroys } = comparing;
  const to = contentName(wanted);
  const wiping = wipeContent(pair, pair.found, comparing);
  const refusal = destroys(pair.path)
    ? wiping.refusal
    : `it would be lost: ${from}; --destroy ${pair.path} lets go of it`;
  findings.nodes.push({
    ...plainNode(pair),
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
  recordMember({ ...pair, facts }, wanted, found, comparing);
  record(pair, contentName(wanted), unlessHeld(comparison, facts), comparing);
}

/** A type that has no rules for changes is only ever the same. */
function unlessSized({ before, after }: DevicePair): { refusal?: string } {
  return before === after ? {} : { refusal: "nothing is known of how it gets another size" };
}

function recordMember(
  pair: DevicePair & { readonly facts: FoundNode },
  wanted: DeviceContent,
  found: DeviceContent,
  { findings }: Comparing,
): void {
  const membership = membershipOf(wanted, pair.path);
  if (membership === undefined) return;
  const { path, device, facts, before, after } = pair;
  const group = membershipOf(found, pair.foundPath ?? path)?.group;
  const { kind, group: wantedGroup } = membership;
  findings.members.push({ path, device, group, facts, before, after, kind, wantedGroup });
}
