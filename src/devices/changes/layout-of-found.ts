import { identityFrom } from "../../base/identity.ts";
import type { Bytes } from "../../base/units.ts";
import type {
  ContentLayout,
  DeviceLayout,
  GroupLayout,
  Layout,
  PartitionLayout,
  TableLayout,
  VolumeLayout,
} from "../../layout/layout.ts";
import type { LayoutRequest } from "../../layout/request.ts";
import type { DeviceContent } from "../content.ts";
import type { FoundDisks, FoundNode } from "../found.ts";
import { membershipOf } from "../layout/membership.ts";
import { contentTypeOf, unitTypeOf } from "../registry.ts";
import { contentsOf } from "../tree/contents.ts";
import { type UnitEntry, unitEntries } from "../tree/unit-entries.ts";
import type { TablePartition } from "./table-changes.ts";

/** The geometry of disks as they are, for pictures. Pure. */
export function layoutOfFound(found: FoundDisks): Layout {
  const disks = Object.entries(found.tree.disk).map(([key, node]) => {
    const { device, sectorSize, content } = node;
    const { name } = node;
    const { size } = factsAt(`disk.${key}`, found);
    const at = { path: `disk.${key}.content`, name: `disk-${name}`, size, sectorSize };
    return { name, imageName: name, device, sectorSize, size, ...deviceLayout(content, at, found) };
  });
  const groups = unitEntries(found.tree)
    .filter(({ kind }) => unitTypeOf(kind).plan !== undefined)
    .map((unit) => groupLayout(unit, found));
  return { disks, groups, filesystems: [] };
}

interface At {
  readonly path: string;
  readonly name: string;
  readonly size: Bytes;
  readonly sectorSize: number;
}

function factsAt(path: string, { nodes }: FoundDisks): FoundNode {
  return nodes.get(path) ?? { device: undefined, size: 0, usedAt: [] };
}

function deviceLayout(node: DeviceContent | null, at: At, found: FoundDisks): DeviceLayout {
  if (node === null) return { table: null, content: null };
  const { changes } = contentTypeOf(node);
  if (changes?.table === undefined) return { table: null, content: contentLayout(node, at, found) };
  const partitions = changes.table.partitions(node, at).map((one) => partitionLayout(one, at, found));
  return { table: tableLayout(changes.table.scheme(node), partitions, at), content: null };
}

function tableLayout(
  scheme: "gpt" | "dos",
  partitions: readonly PartitionLayout[],
  { size, sectorSize }: At,
): TableLayout {
  const isGpt = (one: PartitionLayout) => "guid" in one;
  if (scheme === "dos")
    return { kind: "msdos", signature: 0, partitions: partitions.filter((one) => !isGpt(one)) as never };
  const lastUsable = size / sectorSize - 34;
  return { kind: "gpt", guid: "", firstUsable: 34, lastUsable, hybridMbr: null, partitions: partitions as never };
}

function partitionLayout(partition: TablePartition, { sectorSize }: At, found: FoundDisks): PartitionLayout {
  const { key, path, label, role, active, attributes, content } = partition;
  const { place, size } = factsAt(path, found);
  const first = (place?.offset ?? 0) / sectorSize;
  const at = { path: `${path}.content`, name: key, size, sectorSize };
  const geometry = {
    path,
    key,
    number: place?.number ?? partition.number,
    first,
    last: first + size / sectorSize - 1,
    alignment: 1,
    content: content === null ? null : contentLayout(content, at, found),
  };
  if (role !== "primary" || label === null) return { ...geometry, role, type: 0, active };
  return { ...geometry, name: label, type: partition.type, guid: "", attributes, hybrid: null };
}

const request: LayoutRequest = { identity: identityFrom(""), needs: () => 0 };

function contentLayout(node: DeviceContent, at: At, found: FoundDisks): ContentLayout | null {
  const { path, size } = at;
  const geometry = { path, size, place: null };
  const { layout: rules } = contentTypeOf(node);
  switch (rules.kind) {
    case "leaf":
      return rules.layOut(node, geometry, request);
    case "member":
      return { kind: "member", groupKind: rules.groupKind, group: rules.group(node), ...geometry };
    case "container": {
      const inside = rules.inside(node, { path, sectorSize: 512 });
      const facts = factsAt(inside.path, found);
      const inner = { path: inside.path, name: inside.name, size: facts.size, sectorSize: 512 };
      return rules.layOut(node, geometry, deviceLayout(inside.content, inner, found), request);
    }
    case "table":
      return null;
  }
}

function groupLayout({ kind, name, path, node }: UnitEntry, found: FoundDisks): GroupLayout {
  const { size } = factsAt(path, found);
  const members = contentsOf(found.tree).filter((one) => {
    const membership = membershipOf(one.node, one.path);
    return membership?.kind === kind && membership.group === name;
  });
  const contents = unitTypeOf(kind).contents?.(node, path) ?? [];
  const own = contents.find((one) => one.path === `${path}.content`);
  const at = { name: `${kind}-${name}`, size, sectorSize: 512 };
  const volumes = contents.filter((one) => one !== own).map((one) => volumeLayout(one, found));
  const taken = volumes.reduce((sum, one) => sum + one.size, 0);
  return {
    kind,
    technology: kind,
    path,
    name,
    size,
    members: members.map((one) => one.path),
    device: own === undefined ? null : deviceLayout(own.node, { ...at, path: own.path }, found),
    filesystem: null,
    volumes,
    free: own === undefined ? Math.max(0, size - taken) : 0,
  };
}

function volumeLayout({ path, node }: { path: string; node: DeviceContent | null }, found: FoundDisks): VolumeLayout {
  const own = path.slice(0, -".content".length);
  const { size, device } = factsAt(own, found);
  const name = device?.split("/").at(-1) ?? own.split(".").at(-1) ?? "";
  const content = node === null ? null : contentLayout(node, { path, name, size, sectorSize: 512 }, found);
  return { path: own, name, size, inside: null, purpose: null, content };
}
