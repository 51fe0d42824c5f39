import { formatSize } from "../../base/units.ts";
import { step } from "../../steps/step.ts";
import type { DeviceContent } from "../content.ts";
import type { FoundDisks } from "../found.ts";
import { membershipOf } from "../layout/membership.ts";
import { contentTypeOf } from "../registry.ts";
import { contentName } from "./content-name.ts";
import type { StepsAt } from "./type-changes.ts";

/** A device whose content goes. */
interface Doomed {
  readonly path: string;
  readonly foundPath?: string | undefined;
  readonly device: string;
}

/** The loss of a device's content, the obstacle to it, and the steps that have the device forget it. */
interface Wiping {
  readonly loses: readonly string[];
  readonly refusal: string | undefined;
  readonly steps: StepsAt;
}

/** Plans that a device forgets what fills it. What is in use stays, and so does what others are made of. Pure. */
export function wipeContent(doomed: Doomed, content: DeviceContent | null, { found }: { found: FoundDisks }): Wiping {
  const { path, device, foundPath = path } = doomed;
  const all = content === null ? [] : withInner(content, foundPath);
  const uses = usesBelow(foundPath, found);
  const member = all.flatMap((one) => membershipOf(one.node, one.path) ?? [])[0];
  const memberFault = member && `${member.group} is made of it: take that apart first`;
  return {
    loses: all.map((one) => lostName(one.node, found.nodes.get(one.path)?.used)),
    refusal: uses.length > 0 ? `it is in use: ${uses.join(", ")}` : memberFault,
    steps: ({ context }) => {
      const located = { node: content, path, device, installed: device, name: "", key: "" };
      const close = content === null ? [] : context.stepsOf({ ...located, node: content }).close;
      return [...close, step(path, `wipe ${device}`, [], ["wipe_disk", device])];
    },
  };
}

/** Where something at a path, or in it, is mounted or swapped to. */
export function usesBelow(path: string, { nodes }: FoundDisks): string[] {
  return [...nodes].flatMap(([at, { usedAt, device }]) => {
    const isIn = at === path || at.startsWith(`${path}.`);
    return isIn ? usedAt.map((use) => `${device ?? at} as ${use}`) : [];
  });
}

function lostName(node: DeviceContent, used: number | undefined): string {
  return used === undefined ? contentName(node) : `${contentName(node)} with ${formatSize(used)} in it`;
}

function withInner(node: DeviceContent, path: string): { readonly node: DeviceContent; readonly path: string }[] {
  const inner = contentTypeOf(node).contents?.(node, path) ?? [];
  return [{ node, path }, ...inner.flatMap((one) => (one.node === null ? [] : withInner(one.node, one.path)))];
}
