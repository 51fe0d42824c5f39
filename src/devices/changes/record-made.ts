import type { Bytes } from "../../base/units.ts";
import { partitionPath } from "../../layout/partition-path.ts";
import { lengthOf } from "../../layout/span.ts";
import type { Step } from "../../steps/step.ts";
import type { DeviceContent } from "../content.ts";
import type { FoundNode } from "../found.ts";
import { membershipOf } from "../layout/membership.ts";
import { contentTypeOf } from "../registry.ts";
import type { Comparing, Findings } from "./findings.ts";
import type { TableChanges } from "./table-changes.ts";

/** Records content that is made, and what lies in it. Members of groups are made with these. */
export function recordMade(
  path: string,
  node: DeviceContent,
  at: MadeAt,
  comparing: Comparing,
  isOutermost: boolean,
): void {
  const { findings } = comparing;
  findings.after.set(path, afterwards(node, { device: at.device, size: at.after, usedAt: [] }, at.after));
  const membership = membershipOf(node, path);
  if (membership === undefined) {
    if (isOutermost) findings.steps.push(made(path));
  } else {
    const { device, after } = at;
    findings.members.push({
      path,
      device,
      group: undefined,
      facts: undefined,
      before: 0,
      after,
      kind: membership.kind,
      wantedGroup: membership.group,
    });
    // A member that lies in something that is made is made with that.
    if (isOutermost) findings.steps.push(madeMember(path, membership));
  }
  recordInside(path, node, at, comparing);
}

function recordInside(path: string, node: DeviceContent, at: MadeAt, comparing: Comparing): void {
  const { layout, changes } = contentTypeOf(node);
  if (changes?.table !== undefined) return recordTable(path, node, at, changes.table, comparing);
  const header = layout.kind === "container" ? layout.headerSize(node) : 0;
  for (const inner of contentTypeOf(node).contents?.(node, path) ?? []) {
    if (inner.node === null) continue;
    recordMade(inner.path, inner.node, { ...at, after: at.after - header }, comparing, false);
  }
}

/** A table on a device that holds nothing: its partitions lie where they are made. */
function recordTable(
  path: string,
  node: DeviceContent,
  { device, after, sectorSize }: MadeAt,
  rules: TableChanges<DeviceContent>,
  comparing: Comparing,
): void {
  const room = { sectors: Math.floor(after / sectorSize), sectorSize, there: new Map(), others: [] } as const;
  const { spans } = rules.place(node, room);
  for (const partition of rules.partitions(node, { path, name: "" })) {
    const span = spans?.get(partition.key);
    const own = partitionPath(device, partition.number);
    const size = span === undefined ? 0 : lengthOf(span) * sectorSize;
    const place = { offset: (span?.first ?? 0) * sectorSize, number: partition.number };
    comparing.findings.after.set(partition.path, { device: own, size, place, usedAt: [] });
    if (partition.content === null) continue;
    recordMade(
      `${partition.path}.content`,
      partition.content,
      { device: own, after: size, sectorSize },
      comparing,
      false,
    );
  }
}

/** It has the names that the tree gives it, and fills its device. */
export function afterwards(node: DeviceContent, facts: FoundNode, size: Bytes): FoundNode {
  const label = "label" in node && node.label !== null ? node.label : facts.label;
  const uuid = "uuid" in node && node.uuid !== null ? node.uuid : facts.uuid;
  return { ...facts, size, label, uuid, ...(facts.extent === undefined ? {} : { extent: size }) };
}

interface MadeAt {
  readonly device: string;
  readonly sectorSize: 512 | 4096;
  readonly after: Bytes;
}

function made(path: string): Findings["steps"][number] {
  return {
    phase: "grow",
    at: ({ located, context }) => {
      const { claims, create } = context.stepsOf(located(path));
      return [...lookAt(claims, path), ...create];
    },
  };
}

/** A member of a group that is there is made by that; of one that is not, as the tree makes it. */
function madeMember(path: string, { kind, group }: { kind: string; group: string }): Findings["steps"][number] {
  return {
    phase: "grow",
    at: ({ located, context, isGroupThere }) =>
      isGroupThere(kind, group) ? [] : context.stepsOf(located(path)).create,
  };
}

function lookAt(claims: Parameters<typeof lookStep>[0], path: string): Step[] {
  return claims.length === 0 ? [] : [lookStep(claims, path)];
}

function lookStep(claims: Extract<Step, { kind: "look" }>["claims"], path: string): Step {
  return { kind: "look", path, title: `look at what is on the devices of ${path}`, claims };
}
