import type { ContentType } from "./content-type.ts";
import type { ContentNodes, DeviceContent } from "./content.ts";
import type { DeviceTree } from "./device-tree.ts";
import { bcachefsFilesystemType } from "./types/bcachefs-filesystem/index.ts";
import { bcachefsType } from "./types/bcachefs/index.ts";
import { btrfsType } from "./types/btrfs/index.ts";
import { diskType } from "./types/disk/index.ts";
import { filesystemType } from "./types/filesystem/index.ts";
import { gptType } from "./types/gpt/index.ts";
import { luksType } from "./types/luks/index.ts";
import { lvmPvType } from "./types/lvm-pv/index.ts";
import { lvmVgType } from "./types/lvm-vg/index.ts";
import { mdadmType } from "./types/mdadm/index.ts";
import { mdraidType } from "./types/mdraid/index.ts";
import { nodevType } from "./types/nodev/index.ts";
import { swapType } from "./types/swap/index.ts";
import { tableType } from "./types/table/index.ts";
import { zfsType } from "./types/zfs/index.ts";
import { zpoolType } from "./types/zpool/index.ts";
import type { UnitType } from "./unit-type.ts";

/** Every type of node that fills a block device. */
export const contentTypes = {
  bcachefs: bcachefsType,
  btrfs: btrfsType,
  filesystem: filesystemType,
  gpt: gptType,
  luks: luksType,
  lvm_pv: lvmPvType,
  mdraid: mdraidType,
  swap: swapType,
  table: tableType,
  zfs: zfsType,
} satisfies { readonly [Name in keyof ContentNodes]: ContentType<ContentNodes[Name]> };

/** Every type of node of the top level, in the order of the manual. */
export const unitTypes = {
  disk: diskType,
  mdadm: mdadmType,
  zpool: zpoolType,
  lvm_vg: lvmVgType,
  bcachefs_filesystems: bcachefsFilesystemType,
  nodev: nodevType,
} satisfies { readonly [Kind in keyof DeviceTree]: UnitType<DeviceTree[Kind][string]> };

/** The sets of the top level. */
export const unitKinds = Object.keys(unitTypes) as readonly (keyof DeviceTree)[];

/** The type of a node, for nodes of that type. */
export function contentTypeOf<Node extends DeviceContent>({ type }: Node): ContentType<Node> {
  // TypeScript sees no connection between a node and its own entry.
  return contentTypes[type] as unknown as ContentType<Node>;
}

/** The type of the nodes in a set of the top level. */
export function unitTypeOf(kind: keyof DeviceTree): UnitType<DeviceTree[keyof DeviceTree][string]> {
  return unitTypes[kind] as unknown as UnitType<DeviceTree[keyof DeviceTree][string]>;
}
