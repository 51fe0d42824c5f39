import type { DeviceContent, PartitionContent } from "../content.ts";
import type { DeviceTree } from "../device-tree.ts";
import { diskName } from "./disk-names.ts";
import type { GptNode, GptPartitionNode } from "../types/gpt/schema.ts";
import type { TableNode, TablePartitionNode } from "../types/table/schema.ts";
import { MkimageError } from "../../base/errors.ts";
import { orderedPartitions, partitionLabel } from "../types/gpt/order.ts";
import { numberedPartitions } from "../types/table/order.ts";
import { mapperPath, partitionLabelPath, partitionPath } from "../../layout/partition-path.ts";

/** A block device of the tree, and where the node that fills it stands. */
interface NodePlace {
  /** Where the content stands in the tree: `disk.main.content`. */
  readonly path: string;
  /** The device on the machine that runs the steps. */
  readonly device: string;
  /** The device as the installed system names it. */
  readonly installed: string;
  /** The type and the name of what provides it, from which partitions get their labels: `disk-main`. */
  readonly name: string;
  /** The name of what provides it alone: of a disk, a partition, a volume. */
  readonly key: string;
}

/** A node at its place. */
export interface Located<Node = DeviceContent> extends NodePlace {
  readonly node: Node;
}

/** A node at its place, or at the device that it names itself. */
function locate<Node extends DeviceContent>(node: Node, place: NodePlace): Located<Node> {
  const own = node.device;
  // An evaluated tree repeats everywhere where the parent is; only another device is one of its own.
  if (own === null || own === place.installed) return { ...place, node };
  return { ...place, device: own, installed: own, node };
}

/** A partition of a table, at its device. */
export interface LocatedPartition<Node> extends NodePlace {
  readonly node: Node;
  readonly number: number;
}

/** The partitions of a GPT in the order of their numbers. */
export function gptPartitions(gpt: Located<GptNode>): LocatedPartition<GptPartitionNode>[] {
  return orderedPartitions(gpt.node).map((partition, index) => {
    const { key, node } = partition;
    const number = index + 1;
    const label = partitionLabel(partition, gpt.name);
    const usual = usualDevice(node.uuid, label, gpt, number);
    const follows = node.device === null || node.device === usual || node.device === partitionLabelPath(label);
    const own = follows ? undefined : (node.device ?? undefined);
    return {
      node,
      key,
      number,
      path: `${gpt.path}.partitions.${key}`,
      device: own ?? partitionPath(gpt.device, number),
      installed: own ?? usual,
      name: `${gpt.name}-${key}`,
    };
  });
}

function usualDevice(uuid: string | null, label: string, gpt: NodePlace, number: number): string {
  if (uuid !== null) return `/dev/disk/by-partuuid/${uuid.toLowerCase()}`;
  if (gpt.name.startsWith("mdadm-"))
    return `/dev/disk/by-id/md-name-any:${gpt.name.slice("mdadm-".length)}-part${number}`;
  return partitionLabelPath(label);
}

/** The partitions of a table in parted's terms. */
export function tablePartitions(table: Located<TableNode>): LocatedPartition<TablePartitionNode>[] {
  return numberedPartitions(table.node).map((partition, index) => ({
    ...partition,
    path: `${table.path}.partitions[${index}]`,
    device: partitionPath(table.device, partition.number),
    installed: partitionPath(table.installed, partition.number),
    name: `${table.name}-${partition.key}`,
  }));
}

/** What a partition holds, at its device. */
export function contentOf<Node extends { readonly content: PartitionContent | null; readonly name: string | null }>(
  partition: LocatedPartition<Node>,
): Located<PartitionContent>[] {
  const { content, name } = partition.node;
  const key = name || partition.key;
  return content === null ? [] : [locate(content, { ...partition, key, path: `${partition.path}.content` })];
}

/** What lies directly in a node: the contents of its partitions, or of the container. */
export function contentsIn(located: Located): Located[] {
  const { node, path } = located;
  if (node.type === "gpt") return gptPartitions({ ...located, node }).flatMap(contentOf);
  if (node.type === "table") return tablePartitions({ ...located, node }).flatMap(contentOf);
  if (node.type === "luks" && node.content !== null) {
    return onDevice(node.content, `${path}.content`, mapperPath(node.name), { type: "luks", key: node.name });
  }
  return [];
}

/** A node of the top level of a tree, with the nodes on the devices that it provides. */
export interface Unit {
  readonly kind: keyof DeviceTree;
  readonly key: string;
  /** Its own name, by which members speak of it; else its key. */
  readonly name: string;
  /** `disk.main` */
  readonly path: string;
  /** Of a disk: where it is on the machine that runs the steps. */
  readonly device: string | null;
  readonly contents: readonly Located[];
}

/**
 * The nodes of the top level: kinds alphabetically, then names, byte by byte.
 *
 * @throws MkimageError BAD_REQUEST when a disk has no device.
 */
export function unitsOf(tree: DeviceTree, devices: Readonly<Record<string, string>> = {}): Unit[] {
  return [
    ...sorted(tree.bcachefs_filesystems).map(([key, { name }]) => unit("bcachefs_filesystems", key, name ?? key, [])),
    ...sorted(tree.disk).map(([key, node]) => {
      const name = diskName(key, node);
      const device = devices[name] ?? node.device;
      if (device === null || !device.startsWith("/")) throw withoutDevice(key, device);
      const place = {
        path: `disk.${key}.content`,
        device,
        installed: node.device ?? device,
        name: `disk-${name}`,
        key: name,
      };
      const contents = node.content === null ? [] : [locate(node.content, place)];
      return { ...unit("disk", key, name, contents), device };
    }),
    ...sorted(tree.lvm_vg).map(([key, { name, lvs }]) => {
      const volumes = sorted(lvs).flatMap(([lv, node]) => {
        const path = `lvm_vg.${key}.lvs.${lv}.content`;
        return onDevice(node.content, path, `/dev/${name ?? key}/${node.name ?? lv}`, {
          type: "lv",
          key: node.name ?? lv,
        });
      });
      return unit("lvm_vg", key, name ?? key, volumes);
    }),
    ...sorted(tree.mdadm).map(([key, { name, content }]) => {
      const own = name ?? key;
      const contents = onDevice(content, `mdadm.${key}.content`, `/dev/md/${own}`, { type: "mdadm", key: own });
      return unit("mdadm", key, own, contents);
    }),
    ...sorted(tree.nodev).map(([key]) => unit("nodev", key, key, [])),
    ...sorted(tree.zpool).map(([key, { name, datasets }]) => {
      const volumes = sorted(datasets).flatMap(([dataset, node]) => {
        if (node.type !== "zfs_volume") return [];
        const path = `zpool.${key}.datasets.${dataset}.content`;
        const device = `/dev/zvol/${name ?? key}/${node.name ?? dataset}`;
        return onDevice(node.content, path, device, { type: "zvol", key: node.name ?? dataset });
      });
      return unit("zpool", key, name ?? key, volumes);
    }),
  ];
}

/** The entries of a set by name, byte by byte. */
export function sorted<Value>(set: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(set).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function unit(kind: keyof DeviceTree, key: string, name: string, contents: readonly Located[]): Unit {
  return { kind, key, name, path: `${kind}.${key}`, device: null, contents };
}

/** What fills a device that a node of this type and key provides. */
function onDevice(
  content: DeviceContent | null,
  path: string,
  device: string,
  { type, key }: { readonly type: string; readonly key: string },
): Located[] {
  return content === null ? [] : [locate(content, { path, device, installed: device, name: `${type}-${key}`, key })];
}

function withoutDevice(key: string, device: string | null): MkimageError {
  const what =
    device === null ? "has no device" : `has the device ${JSON.stringify(device)}, which is no absolute path`;
  return new MkimageError("BAD_REQUEST", `disk.${key} ${what}`, {
    hint: `say which disk it is: "device": "/dev/disk/by-id/…"`,
  });
}
