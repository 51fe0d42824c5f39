import type { BootMounts } from "../../bootloaders/host-installer.ts";
import type { DeviceContent } from "../../devices/content.ts";
import type { DeviceTree } from "../../devices/device-tree.ts";
import { contentTypeOf } from "../../devices/registry.ts";
import { filesystemOf } from "../../filesystems/registry.ts";
import { mountpointsOf } from "../../devices/tree/mountpoints.ts";
import { sgdiskTypes } from "../../devices/types/gpt/sgdisk-types.ts";

/**
 * Where the partitions of a tree are mounted that systemd-boot takes for its own.
 *
 * @throws MkimageError BAD_REQUEST when a partition has a type or a flag that does not exist.
 */
export function bootMountsOf(tree: DeviceTree): BootMounts {
  const partitions = Object.values(tree.disk).flatMap(({ content }) => typedPartitions(content));
  const ofType = (code: string) =>
    partitions.flatMap(({ type, content }) => (type === sgdiskTypes[code] ? readMount(content) : []));
  return { all: mountpointsOf(tree), esp: ofType("EF00"), xbootldr: ofType("EA00") };
}

/** The partitions of a GPT, by their types. */
function typedPartitions(disk: DeviceContent | null) {
  if (disk === null) return [];
  const { layout: rules } = contentTypeOf(disk);
  return rules.kind === "table" ? rules.typed(disk) : [];
}

/** Where a filesystem that firmware reads is mounted. */
function readMount(content: DeviceContent | null): string[] {
  if (content === null) return [];
  const { format, mounts } = contentTypeOf(content);
  const name = format?.(content);
  if (name === undefined || !filesystemOf(name).firmwareReads) return [];
  return mounts?.(content, "").map(({ mountpoint }) => mountpoint) ?? [];
}
