import type { DeviceContent, PartitionContent } from "../content.ts";

/** A block device of the tree, and where the node that fills it stands. */
export interface NodePlace {
  /** Where the content stands in the tree: `disk.main.content`. */
  readonly path: string;
  /** The device on the machine that runs the steps. */
  readonly device: string;
  /** The device as the installed system names it. */
  readonly installed: string;
  /** The type and the name of what provides it, from which partitions get their labels: `disk-main`. */
  readonly name: string;
  /** Its partitions as the installed system names them, where that is not by their labels. */
  readonly partitionAt?: (number: number) => string;
  /** The name of what provides it alone: of a disk, a partition, a volume. */
  readonly key: string;
}

/** A node at its place. */
export interface Located<Node = DeviceContent> extends NodePlace {
  readonly node: Node;
}

/** A node at its place, or at the device that it names itself. */
export function locate<Node extends DeviceContent>(node: Node, place: NodePlace): Located<Node> {
  const own = node.device;
  // An evaluated tree repeats everywhere where the parent is; only another device is one of its own.
  if (own === null || own === place.installed) return { ...place, node };
  return { ...place, device: own, installed: own, node };
}

/** A partition of a table, at its device. */
export interface LocatedPartition<Node> extends NodePlace {
  readonly node: Node;
  readonly number: number;
  /** The name that it has without its disk: its own, or in a table without keys its number. */
  readonly ownName: string;
}

/** Returns the content of a partition, at its device. */
export function contentOf<Node extends { readonly content: PartitionContent | null }>(
  partition: LocatedPartition<Node>,
): Located<PartitionContent>[] {
  const { content } = partition.node;
  const place = { ...partition, key: partition.ownName, path: `${partition.path}.content` };
  return content === null ? [] : [locate(content, place)];
}

/** Returns the content of a device that a node of this type and key provides, such as a volume. */
export function onDevice(
  content: DeviceContent | null,
  path: string,
  device: string,
  { type, key, ...names }: Provider,
): Located[] {
  const name = `${type}-${key}`;
  return content === null ? [] : [locate(content, { path, device, installed: device, name, key, ...names })];
}

/** The provider of a device: the type and the key of its node, and how it names partitions. */
interface Provider extends Pick<NodePlace, "key" | "partitionAt"> {
  readonly type: string;
}

/** The entries of a set by name, byte by byte. */
export function sorted<Value>(set: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(set).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
