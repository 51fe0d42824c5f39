import { formatSize } from "../../base/units.ts";
import { step } from "../../steps/step.ts";
import type { DeviceContent } from "../content.ts";
import type { FoundDisks, FoundNode } from "../found.ts";
import { membershipOf } from "../layout/membership.ts";
import { contentTypeOf } from "../registry.ts";
import { contentName } from "./content-name.ts";
import type { LettingGo } from "./type-changes.ts";

/** A device whose content goes. */
interface Doomed {
  readonly path: string;
  readonly foundPath?: string | undefined;
  readonly device: string;
}

/** Plans that a device forgets what fills it. What is in use stays, and so does what others are made of. Pure. */
export function wipeContent(
  doomed: Doomed,
  content: DeviceContent | null,
  { found }: { found: FoundDisks },
): LettingGo {
  const { path, device, foundPath = path } = doomed;
  const all = content === null ? [] : withInner(content, foundPath);
  const uses = usesBelow(foundPath, found);
  const known = new Set(all.map((one) => one.path));
  const refusals = [
    ...(uses.length > 0 ? [`it is in use: ${uses.join(", ")}`] : []),
    ...obstaclesBelow(foundPath, found, known),
    ...all
      .flatMap((one) => membershipOf(one.node, one.path) ?? [])
      .map(({ group }) => `${group} is made of it: take that apart first`),
  ];
  return {
    loses: [
      ...all.map((one) => lostName(one.node, found.nodes.get(one.path))),
      ...below(foundPath, [...found.nodes]).flatMap(([, { holds }]) => holds?.what ?? []),
    ],
    refusal: refusals.length === 0 ? undefined : [...new Set(refusals)].join("; "),
    steps: ({ context }) => {
      const located = { node: content, path, device, installed: device, name: "", key: "" };
      const close = content === null ? [] : context.stepsOf({ ...located, node: content }).close;
      return [...close, step(path, `wipe ${device}`, [], ["wipe_disk", device])];
    },
  };
}

/** Names what must not go, and what cannot be shown to the one who would let it go. */
function obstaclesBelow(path: string, { nodes, unexpressed }: FoundDisks, known: ReadonlySet<string>): string[] {
  const obstacles = below(path, [...nodes]).flatMap(([, { obstacle }]) => obstacle ?? []);
  const isShown = (at: string) => known.has(at) || nodes.get(at)?.holds !== undefined || !at.endsWith(".content");
  const unread = below(
    path,
    unexpressed.map((one) => [one.path, one.reason] as const),
  ).filter(([at]) => !isShown(at));
  return [...obstacles, ...unread.map(([, reason]) => `what is on it is not known: ${reason}`)];
}

/** Those of some entries that are at a path, or in it. */
function below<Value>(path: string, entries: readonly (readonly [string, Value])[]): (readonly [string, Value])[] {
  return entries.filter(([at]) => at === path || at.startsWith(`${path}.`));
}

/** Where something at a path, or in it, is mounted or swapped to. */
function usesBelow(path: string, { nodes }: FoundDisks): string[] {
  return below(path, [...nodes]).flatMap(([at, { usedAt, device }]) =>
    usedAt.map((use) => `${device ?? at} as ${use}`),
  );
}

function lostName(node: DeviceContent, facts: FoundNode | undefined): string {
  const label = facts?.label ? ` ${JSON.stringify(facts.label)}` : "";
  const used = facts?.used === undefined ? "" : ` with ${formatSize(facts.used)} in it`;
  return `${contentName(node)}${label}${used}`;
}

function withInner(node: DeviceContent, path: string): { readonly node: DeviceContent; readonly path: string }[] {
  const inner = contentTypeOf(node).contents?.(node, path) ?? [];
  return [{ node, path }, ...inner.flatMap((one) => (one.node === null ? [] : withInner(one.node, one.path)))];
}
