import { mountsOf } from "../../../src/devices/tree/mountpoints.ts";
import { below } from "../../../src/steps/words.ts";
import { identityFrom } from "../../../src/base/identity.ts";
import { type Bytes, GiB, MiB } from "../../../src/base/units.ts";
import type { DeviceTree } from "../../../src/devices/device-tree.ts";
import type { FoundDisks, FoundNode } from "../../../src/devices/found.ts";
import { solveLayout } from "../../../src/devices/layout/solve.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { partitionPath } from "../../../src/layout/partition-path.ts";
import type { ContentLayout, DeviceLayout, Layout } from "../../../src/layout/layout.ts";
import { type TreeDifference } from "../../../src/devices/changes/difference.ts";
import { compareDisks } from "../../../src/devices/changes/compare-disks.ts";

/** Disks that were made from a tree, as they would be read. */
export function madeFrom(tree: DeviceTree, size: Bytes = 4 * GiB): FoundDisks {
  const sizes = Object.fromEntries(Object.entries(tree.disk).map(([key]) => [key, size]));
  const layout = solveLayout(tree, { identity: identityFrom("a seed"), needs: () => 4 * MiB, sizes });
  const nodes = new Map<string, FoundNode>();
  for (const disk of layout.disks) {
    const device = disk.device ?? "";
    nodes.set(`disk.${disk.name}`, { device, size: disk.size, usedAt: [] });
    recordDevice(nodes, disk, `disk.${disk.name}.content`, { device, size: disk.size, sectorSize: disk.sectorSize });
  }
  for (const group of layout.groups) recordGroup(nodes, group);
  return { tree, diskKeys: Object.keys(tree.disk), nodes, unexpressed: [] };
}

type At = { readonly device: string; readonly size: Bytes; readonly sectorSize: number };

function recordDevice(nodes: Map<string, FoundNode>, { table, content }: DeviceLayout, path: string, at: At): void {
  const { device, size, sectorSize } = at;
  if (table !== null) nodes.set(path, { device, size, usedAt: [] });
  for (const { path: partition, number, first, last, content: inside } of table?.partitions ?? []) {
    const own = { device: partitionPath(device, number), size: (last - first + 1) * sectorSize };
    nodes.set(partition, { ...own, place: { offset: first * sectorSize, number }, usedAt: [] });
    recordContent(nodes, inside, own);
  }
  recordContent(nodes, content, { device, size });
}

function recordContent(nodes: Map<string, FoundNode>, content: ContentLayout | null, at: Omit<At, "sectorSize">): void {
  if (content === null) return;
  const { device, size } = at;
  const names =
    content.kind === "filesystem" || content.kind === "swap"
      ? { label: content.label ?? undefined, uuid: content.uuid ?? undefined }
      : {};
  const bounds = content.kind === "filesystem" ? { smallest: 2 * MiB, used: MiB } : {};
  const extents = content.kind === "member" && content.groupKind === "lvm_vg" ? { extents: extentsOn(size) } : {};
  nodes.set(content.path, { device, size, extent: size, usedAt: [], ...names, ...bounds, ...extents });
  if (content.kind !== "container") return;
  const inside = { device: `/dev/mapper/${content.name}`, size: size - content.headerSize, sectorSize: 512 };
  recordDevice(nodes, content, `${content.path}.content`, inside);
}

/** The extents of a physical volume on a device, as LVM makes them without further words. */
function extentsOn(size: Bytes): FoundNode["extents"] {
  return { start: MiB, size: 4 * MiB, count: Math.floor((size - MiB) / (4 * MiB)) };
}

function recordGroup(nodes: Map<string, FoundNode>, group: Layout["groups"][number]): void {
  const device = group.device === null ? undefined : `/dev/md/${group.name}`;
  nodes.set(group.path, { device, size: group.size, usedAt: [] });
  if (group.device !== null) {
    recordDevice(nodes, group.device, `${group.path}.content`, {
      device: device ?? "",
      size: group.size,
      sectorSize: 512,
    });
  }
  for (const { path, name, size, content } of group.volumes) {
    const own = { device: `/dev/${group.name}/${name}`, size };
    nodes.set(path, { ...own, usedAt: [] });
    recordContent(nodes, content, own);
  }
}

/** The same with facts of some nodes changed, by their paths. */
export function withFacts(found: FoundDisks, facts: Readonly<Record<string, Partial<FoundNode>>>): FoundDisks {
  const nodes = new Map(found.nodes);
  for (const [path, some] of Object.entries(facts)) {
    const node = nodes.get(path);
    if (node === undefined) throw new Error(`nothing is known of ${path}`);
    nodes.set(path, { ...node, ...some });
  }
  return { ...found, nodes };
}

/** The difference of a tree and of what is there, with every disk where the tree says. */
export function differenceOf(wanted: DeviceTree, found: FoundDisks, destroy: readonly string[] = []): TreeDifference {
  return compareDisks({ wanted, found, setting: { root: "/mnt" }, destroy });
}

/** A tree with one disk, /dev/sda, with these partitions. */
export function oneDisk(partitions: object, rest: object = {}): DeviceTree {
  return readDeviceTree({ disk: { main: { device: "/dev/sda", content: { type: "gpt", partitions } } }, ...rest });
}

/** The words about each node that is not the same. */
export function saidOf({ nodes }: TreeDifference): string[] {
  return nodes
    .filter(({ state }) => state !== "same")
    .map(({ path, state, change, properties, refusal }) => {
      const words = properties.map(({ name, from, to }) => `${name} ${from} > ${to}`);
      return [
        path.replaceAll(/\.(content|partitions)(?=\.|$)/g, ""),
        state,
        change,
        ...words,
        ...(refusal === undefined ? [] : ["REFUSED"]),
      ].join(" ");
    });
}

/** The same, mounted below a folder; undefined: not mounted. */
export function withUses(found: FoundDisks, root: string | undefined): FoundDisks {
  if (root === undefined) return found;
  const nodes = new Map(found.nodes);
  for (const { path, mountpoint } of mountsOf(found.tree)) {
    const at = path.replace(/\.subvolumes\..*$/, "");
    const node = nodes.get(at);
    if (node !== undefined) nodes.set(at, { ...node, usedAt: [...node.usedAt, below(root, mountpoint)] });
  }
  return { ...found, nodes };
}
