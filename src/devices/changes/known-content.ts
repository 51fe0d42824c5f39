import type { DeviceContent } from "../content.ts";
import type { FoundDisks, FoundNode } from "../found.ts";
import { membershipOf } from "../layout/membership.ts";
import { contentTypeOf } from "../registry.ts";
import { isSame } from "./same-content.ts";

/** A content that was found, and where. */
interface FoundContent {
  readonly node: DeviceContent | null;
  readonly path: string;
}

/**
 * Whether what was found is that content of the tree: by its UUID, where the tree gives one, else by its label, its mount point or its group, or by
 * those of what is in it.
 */
export function isKnownContent(wanted: DeviceContent | null, found: FoundContent, nodes: FoundDisks["nodes"]): boolean {
  const { node, path } = found;
  if (wanted === null || node === null || !isSame(wanted, node)) return false;
  const facts = nodes.get(path);
  const uuid = uuidOf(wanted);
  if (uuid !== null) return uuid === facts?.uuid?.toLowerCase();
  const group = membershipOf(wanted, path)?.group;
  if (group !== undefined) return group === membershipOf(node, path)?.group;
  return hasLabel(wanted, facts) || isMountedAlike(wanted, node, facts) || isKnownInside(wanted, found, nodes);
}

/** Whether it has the very UUID that the tree gives: then its name says nothing more. */
export function hasWantedUuid(wanted: DeviceContent | null, found: FoundContent, nodes: FoundDisks["nodes"]): boolean {
  return wanted !== null && uuidOf(wanted) !== null && isKnownContent(wanted, found, nodes);
}

function uuidOf(wanted: DeviceContent): string | null {
  return "uuid" in wanted && typeof wanted.uuid === "string" ? wanted.uuid.toLowerCase() : null;
}

function hasLabel(wanted: DeviceContent, facts: FoundNode | undefined): boolean {
  return "label" in wanted && wanted.label !== null && wanted.label !== "" && wanted.label === facts?.label;
}

function isMountedAlike(wanted: DeviceContent, found: DeviceContent, facts: FoundNode | undefined): boolean {
  const there = [...mountpointsOf(found), ...(facts?.usedAt ?? [])];
  return mountpointsOf(wanted).some((mountpoint) => there.includes(mountpoint));
}

function mountpointsOf(node: DeviceContent): string[] {
  const own = "mountpoint" in node && node.mountpoint !== null ? [node.mountpoint] : [];
  const subvolumes = "subvolumes" in node ? Object.values(node.subvolumes) : [];
  return [...own, ...subvolumes.flatMap(({ mountpoint }) => mountpoint ?? [])];
}

function isKnownInside(wanted: DeviceContent, { node, path }: FoundContent, nodes: FoundDisks["nodes"]): boolean {
  if (node === null || contentTypeOf(wanted).layout.kind !== "container") return false;
  const [inner] = contentTypeOf(wanted).contents?.(wanted, path) ?? [];
  const [there] = contentTypeOf(node).contents?.(node, path) ?? [];
  return inner !== undefined && there !== undefined && isKnownContent(inner.node, there, nodes);
}
