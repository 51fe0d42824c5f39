import type { BootMounts } from "../../bootloaders/engine.ts";
import type { DeviceContent } from "../../devices/content.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import { mountpointsOf } from "../../devices/tree/mountpoints.ts";
import { orderedPartitions, partitionType } from "../../devices/types/gpt/order.ts";
import { numberedPartitions } from "../../devices/types/table/order.ts";
import { partedGptType } from "../../devices/types/table/types.ts";
import { sgdiskTypes } from "../../devices/types/gpt/sgdisk-types.ts";

/**
 * Where the partitions of a tree are mounted that systemd-boot takes for its own.
 *
 * @throws MkimageError BAD_REQUEST when a partition has a type or a flag that does not exist.
 */
export function bootMountsOf(tree: DeviceTree): BootMounts {
  const partitions = Object.values(tree.disk).flatMap(({ content }) => gptPartitions(content));
  const ofType = (code: string) =>
    partitions.flatMap(({ type, content }) => (type === sgdiskTypes[code] ? fatMount(content) : []));
  return { all: mountpointsOf(tree), esp: ofType("EF00"), xbootldr: ofType("EA00") };
}

interface TypedPartition {
  /** GUID, in capitals. */
  readonly type: string;
  readonly content: DeviceContent | null;
}

function gptPartitions(disk: DeviceContent | null): TypedPartition[] {
  if (disk?.type === "gpt") {
    return orderedPartitions(disk).map((each) => ({ type: partitionType(each), content: each.node.content }));
  }
  if (disk?.type !== "table" || disk.format !== "gpt") return [];
  return numberedPartitions(disk).map(({ node, key }) => {
    return { type: partedGptType(node, key).type, content: node.content };
  });
}

function fatMount(content: DeviceContent | null): string[] {
  const isFat = content?.type === "filesystem" && content.format === "vfat";
  return isFat && content.mountpoint !== null ? [content.mountpoint] : [];
}
