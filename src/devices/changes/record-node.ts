import type { FoundNode } from "../found.ts";
import { type ChangeKind, gravest } from "./difference.ts";
import type { Comparing, DevicePair, Findings } from "./findings.ts";
import type { ChangePhase, ChangeSteps, Comparison, PartDifference } from "./type-changes.ts";

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
    if (inner !== undefined)
      comparing.compareDevice({ ...inner, name: inner.name ?? at.name, sectorSize: at.sectorSize }, comparing);
  }
  for (const inner of inside) {
    if (parts.some((part) => liesOn(inner, part))) continue;
    comparing.compareDevice({ ...inner, name: inner.name ?? at.name, sectorSize: at.sectorSize }, comparing);
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
