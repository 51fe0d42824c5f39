import type { DeviceContent } from "../content.ts";
import { contentsOf } from "../tree/contents.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { LogicalVolumeNode } from "../types/lvm-vg/schema.ts";
import { isKernelFilesystem } from "../types/nodev/schema.ts";
import { filesystemOf, filesystems } from "../../filesystems/registry.ts";
import { noFilesystems } from "../../steps/needed-filesystems.ts";

/** The kernel modules that mounting and making each kind of node takes; built-in ones are fine. */
const modulesByType: Readonly<Record<string, readonly string[]>> = {
  luks: ["dm_mod", "dm_crypt", "xts", "aes_generic", "sha256_generic", "algif_skcipher", "algif_hash"],
  lvm_pv: ["dm_mod"],
};

const modulesByVolumeType: Readonly<Record<string, readonly string[]>> = {
  mirror: ["dm_mirror", "dm_raid", "raid1"],
  raid0: ["dm_raid", "raid0"],
  raid1: ["dm_raid", "raid1"],
  raid4: ["dm_raid", "raid456"],
  raid5: ["dm_raid", "raid456"],
  raid6: ["dm_raid", "raid456"],
  "thin-pool": ["dm_thin_pool"],
  thinlv: ["dm_thin_pool"],
};

const modulesByLevel = { 0: "raid0", 1: "raid1", 4: "raid456", 5: "raid456", 6: "raid456", 10: "raid10" } as const;

/** The kernel modules that the types of a tree need, sorted. */
export function modulesOf(tree: DeviceTree): string[] {
  const volumes = Object.values(tree.lvm_vg).flatMap(({ lvs }) => Object.values(lvs));
  const modules = [
    ...contentsOf(tree).flatMap(({ node }) => contentModules(node)),
    ...volumes.flatMap(volumeModules),
    ...Object.values(tree.mdadm).flatMap(({ level }) => ["md_mod", modulesByLevel[level]]),
    ...Object.values(tree.nodev).flatMap(({ fsType }) => filesystemModules(fsType)),
  ];
  return [...new Set(modules)].toSorted();
}

/** The kernel modules that a logical volume takes. */
export function volumeModules({ lvm_type }: LogicalVolumeNode): readonly string[] {
  return modulesByVolumeType[lvm_type ?? ""] ?? [];
}

function contentModules(node: DeviceContent): readonly string[] {
  if (node.type === "filesystem") return filesystemModules(node.format);
  return Object.hasOwn(filesystems, node.type) ? filesystemModules(node.type) : (modulesByType[node.type] ?? []);
}

function filesystemModules(format: string): readonly string[] {
  if (isKernelFilesystem(format) || noFilesystems.has(format)) return [];
  const { driver, driverLoads } = filesystemOf(format);
  return driver === null ? [] : [driver, ...driverLoads];
}
