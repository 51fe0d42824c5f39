import { filesystemOf } from "../../filesystems/registry.ts";
import type { DeviceContent } from "../content.ts";
import type { FoundDisks, FoundNode, Holding } from "../found.ts";
import { contentTypeOf } from "../registry.ts";
import { compareFilesystem } from "./compare-filesystem.ts";
import { contentName } from "./content-name.ts";
import type { NodeDifference } from "./difference.ts";
import { type Comparing, type DevicePair, factsOf, type Findings } from "./findings.ts";
import { record } from "./record-node.ts";
import { isSame } from "./same-content.ts";
import { holderOf, isAbsent, unclearReason } from "./unclear-content.ts";
import { unlessHeld } from "./unless-held.ts";

/** Leaves alone a device that cannot be looked into, or holds what no tree can say. Whether it was one. */
export function keepUnclear(pair: DevicePair, comparing: Comparing): boolean {
  const { wanted, found, foundPath } = pair;
  const facts = factsOf(comparing, foundPath);
  const holds = found === null ? facts?.holds : undefined;
  if (facts !== undefined && holds?.format !== undefined && wanted === null)
    return compareMember(pair, facts, holds.format, comparing);
  const reason = foundPath === undefined ? undefined : unclearReason(foundPath, pair, holds, comparing.found);
  if (reason === undefined || foundPath === undefined) return false;
  const isSized = pair.before === pair.after;
  if (holds?.isUnmarked === true && isSized && wanted !== null && leavesNoMark(wanted))
    return keepUnmarked(pair, wanted, comparing);
  const isReplaced = wanted !== null && (found === null ? holds !== undefined : !isSame(wanted, found));
  if (isReplaced && comparing.destroys(pair.path)) return false;
  const isWanted = wanted !== null || pair.before !== pair.after;
  const help =
    facts?.obstacle ??
    (isAbsent(foundPath, comparing.found) && holderOf(foundPath, comparing.found)?.obstacle !== undefined
      ? "then run this again"
      : undefined) ??
    (isReplaced ? replacedHelp(pair, holds) : "open it, or take it out of the tree");
  comparing.findings.nodes.push({
    ...plainNode(pair),
    what: found === null ? (holds?.what ?? "something else") : contentName(found),
    state: "unknown",
    change: isReplaced ? "destructive" : "none",
    ...(isWanted ? { refusal: `${reason}; ${help}` } : {}),
  });
  keep(pair, comparing.findings, comparing.found);
  return true;
}

/** Nothing tells a mkfs that broke off from bytes that somebody needs. */
function replacedHelp({ path }: DevicePair, holds: Holding | undefined): string {
  return holds?.isUnmarked === true
    ? `a mkfs that was ended in the middle of its work leaves that too: if it is nobody's, run the same command with --destroy ${path}`
    : `open it, or let go of it with --destroy ${path}`;
}

/** A device of a filesystem on several grows like the one where the node is. */
function compareMember(pair: DevicePair, facts: FoundNode, format: string, comparing: Comparing): true {
  const { changes } = filesystemOf(format);
  const node = { label: null, uuid: null, extraArgs: [], mountpoint: null, mountOptions: [] };
  const there = { type: format } as DeviceContent;
  keep(pair, comparing.findings, comparing.found);
  const comparison = compareFilesystem({ ...pair, facts, format, node, there });
  const { extent = pair.before } = facts;
  const isAlike = Math.abs(pair.after - extent) <= (changes?.slack ?? 0) && pair.after === pair.before;
  record(pair, facts.holds?.what ?? format, isAlike ? { properties: [] } : unlessHeld(comparison, facts), comparing);
  comparing.findings.after.set(pair.path, { ...facts, size: pair.after, extent: pair.after });
  return true;
}

function leavesNoMark(wanted: DeviceContent): boolean {
  return contentTypeOf(wanted).changes?.leavesNoMark?.(wanted) === true;
}

/** Takes what has no mark by its nature for what the tree wants. */
function keepUnmarked(pair: DevicePair, wanted: DeviceContent, comparing: Comparing): true {
  comparing.findings.nodes.push({ ...plainNode(pair), what: contentName(wanted), state: "same", change: "none" });
  keep(pair, comparing.findings, comparing.found);
  return true;
}

/** The tree says nothing of what fills a device: it stays as it is, and does not change its size. */
export function keepUnnamed(pair: DevicePair, { found, findings, destroys }: Comparing): void {
  if (pair.foundPath === undefined) return;
  const shrinks = pair.after < pair.before;
  if (pair.found === null && !shrinks) return;
  const refusal =
    pair.found === null ? `nothing is known of what is on it; --destroy ${pair.path} lets go of that` : unnamed;
  const isAgreed = pair.found === null && destroys(pair.path);
  findings.nodes.push({
    ...plainNode(pair),
    what: pair.found === null ? "what is at its end" : contentName(pair.found),
    state: "extra",
    change: shrinks ? "destructive" : "none",
    ...(isAgreed ? { loses: ["whatever is at its end"] } : {}),
    ...(shrinks && !isAgreed ? { refusal } : {}),
  });
  keep(pair, findings, found);
}

const unnamed = "the tree says nothing of it, so that it is not made smaller";

/** Records that what is there stays, with all that lies in it. */
export function keep(pair: DevicePair, findings: Findings, found: FoundDisks): void {
  if (pair.foundPath === undefined) return;
  findings.kept.set(pair.path, pair.foundPath);
  for (const [path, node] of found.nodes) {
    const isIn = path === pair.foundPath || path.startsWith(`${pair.foundPath}.`);
    if (isIn) findings.after.set(pair.path + path.slice(pair.foundPath.length), node);
  }
}

/** A difference in which nothing is done yet. */
export function plainNode({
  path,
  device,
  foundPath,
  before,
  after,
}: DevicePair): Pick<NodeDifference, "path" | "device" | "before" | "after" | "properties" | "loses"> {
  return { path, device, before: foundPath === undefined ? null : before, after, properties: [], loses: [] };
}
