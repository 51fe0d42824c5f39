import type { BtrfsNode } from "../types/btrfs/schema.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { LuksNode } from "../types/luks/schema.ts";
import { sourceOf } from "../types/nodev/schema.ts";
import type { SwapNode } from "../types/swap/schema.ts";
import { isMountable } from "../types/zfs-fs/schema.ts";
import { type NixValue, nixValue } from "../../nix/nix-text.ts";
import { contentsIn, gptPartitions, type Located, sorted, unitsOf } from "../tree/located.ts";
import { volumeModules } from "../steps/needed-modules.ts";
import { bcachefsOptions, uuidOf } from "../types/bcachefs-filesystem/steps.ts";
import { below } from "../../steps/words.ts";

/**
 * The NixOS module of a tree, as text: what has to be mounted, swapped to and unlocked at boot, and where GRUB goes. Devices
 * are named as the installed system names them. Pure.
 */
export function nixosModule(tree: DeviceTree): string {
  const contents = unitsOf(tree).flatMap((unit) => unit.contents.flatMap(withInner));
  const swaps = contents.flatMap(swapDevicesOf);
  const settings: Record<string, NixValue> = {
    fileSystems: Object.fromEntries([...contents.flatMap(mountsOf), ...groupMounts(tree)].toSorted(byMountpoint)),
    ...(swaps.length === 0 ? {} : { swapDevices: swaps }),
    ...bootSettings(tree, contents),
    ...(hasThinVolumes(tree) ? { "services.lvm.boot.thin.enable": true } : {}),
  };
  const lines = Object.entries(settings).map(([name, value]) => `  ${name} = ${nixValue(value, "  ")};\n`);
  return `# The disks of this machine, from its device tree.\n{\n${lines.join("")}}\n`;
}

type Entry = readonly [string, NixValue];

function byMountpoint([a]: Entry, [b]: Entry): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function withInner(located: Located): Located[] {
  return [located, ...contentsIn(located).flatMap(withInner)];
}

function mountsOf({ node, installed }: Located): Entry[] {
  if (node.type === "filesystem") return mount(node.mountpoint, installed, node.format, node.mountOptions);
  if (node.type !== "btrfs") return [];
  const inner = sorted(node.subvolumes).flatMap(([key, subvolume]) => {
    const options = [...subvolume.mountOptions, `subvol=${subvolume.name ?? key}`];
    return mount(subvolume.mountpoint, installed, "btrfs", options);
  });
  return [...mount(node.mountpoint, installed, "btrfs", node.mountOptions), ...inner];
}

function mount(mountpoint: string | null, device: string, fsType: string, options: readonly string[]): Entry[] {
  return mountpoint === null ? [] : [[mountpoint, { device, fsType, options }]];
}

function groupMounts(tree: DeviceTree): Entry[] {
  const nodev = sorted(tree.nodev).flatMap(([key, node]) =>
    mount(node.mountpoint ?? key, sourceOf(node), node.fsType, node.mountOptions),
  );
  const pools = sorted(tree.zpool).flatMap(([key, pool]) => {
    const name = pool.name ?? key;
    const zfs = (dataset: string, node: Zfs, properties: Readonly<Record<string, string>>) => {
      const own = properties["mountpoint"] === "legacy" ? [] : ["zfsutil"];
      return mount(isMountable(properties) ? node.mountpoint : null, dataset, "zfs", [...node.mountOptions, ...own]);
    };
    const datasets = sorted(pool.datasets).flatMap(([dataset, node]) =>
      node.type === "zfs_fs" ? zfs(`${name}/${node.name ?? dataset}`, node, node.options) : [],
    );
    return [...zfs(name, pool, pool.rootFsOptions), ...datasets];
  });
  return [...nodev, ...pools, ...bcachefsMounts(tree)];
}

interface Zfs {
  readonly mountpoint: string | null;
  readonly mountOptions: readonly string[];
}

function bcachefsMounts(tree: DeviceTree): Entry[] {
  return sorted(tree.bcachefs_filesystems).flatMap(([key, node]) => {
    const device = `/dev/disk/by-uuid/${uuidOf(node, node.name ?? key)}`;
    const inner = sorted(node.subvolumes).map(([name, of]) => ({ of, name }));
    return [{ of: node, name: key }, ...inner].flatMap(({ of, name }): Entry[] => {
      const options = [...new Set([...bcachefsOptions(of, name), "X-mount.mkdir"])];
      // The initrd unlocks what it mounts, once for all that is on the same devices.
      const settings = { device, fsType: "bcachefs", options, neededForBoot: true };
      return of.mountpoint === null ? [] : [[of.mountpoint, settings]];
    });
  });
}

function swapDevicesOf({ node, installed }: Located): NixValue[] {
  if (node.type === "swap") return [{ device: installed, ...swapOptions(node) }];
  if (node.type !== "btrfs") return [];
  const inner = sorted(node.subvolumes).flatMap(([key, subvolume]) =>
    swapFiles(subvolume, subvolume.name ?? key, node),
  );
  return [...swapFiles(node, "/", node), ...inner];
}

function swapOptions({ discardPolicy, priority, randomEncryption, mountOptions }: SwapNode): Record<string, NixValue> {
  return {
    ...(discardPolicy === null ? {} : { discardPolicy }),
    ...(priority === null ? {} : { priority }),
    ...(randomEncryption ? { randomEncryption: { enable: true, allowDiscards: discardPolicy !== null } } : {}),
    options: mountOptions,
  };
}

function swapFiles(
  { mountpoint, swap }: Pick<BtrfsNode, "mountpoint" | "swap">,
  name: string,
  whole: BtrfsNode,
): NixValue[] {
  const folder = mountpoint ?? (whole.mountpoint === null ? null : below(whole.mountpoint, name));
  if (folder === null) return [];
  return sorted(swap).map(([key, { path, priority, options }]) => ({
    device: below(folder, path ?? key),
    ...(priority === null ? {} : { priority }),
    options,
  }));
}

function bootSettings(tree: DeviceTree, contents: readonly Located[]): Record<string, NixValue> {
  const containers = contents.flatMap(({ node, installed }) =>
    node.type === "luks" ? luksEntry(node, installed) : [],
  );
  const resume = contents.find(({ node }) => node.type === "swap" && node.resumeDevice);
  const grub = contents.flatMap((located) => grubDevice(located));
  const modules = initrdModules(tree);
  const arrays = sorted(tree.mdadm).map(([key, { name }]) => `ARRAY /dev/md/${name ?? key} name=any:${name ?? key}`);
  return {
    ...(containers.length === 0 ? {} : { "boot.initrd.luks.devices": Object.fromEntries(containers) }),
    ...(modules.length === 0 ? {} : { "boot.initrd.kernelModules": modules }),
    ...(resume === undefined ? {} : { "boot.resumeDevice": resume.installed }),
    ...(arrays.length === 0 ? {} : { "boot.swraid.enable": true, "boot.swraid.mdadmConf": `${arrays.join("\n")}\n` }),
    ...(grub.length === 0 ? {} : { "boot.loader.grub.devices": grub }),
  };
}

/** What disko takes as settings is what NixOS takes, so all of it goes there. */
function luksEntry({ name, initrdUnlock, settings }: LuksNode, device: string): Entry[] {
  return initrdUnlock ? [[name, { ...(settings as Record<string, NixValue>), device }]] : [];
}

function grubDevice(located: Located): string[] {
  const { node } = located;
  if (node.type !== "gpt") return [];
  const has = gptPartitions({ ...located, node }).some((partition) => partition.node.type?.toUpperCase() === "EF02");
  return has ? [located.installed] : [];
}

/** As NixOS, which opens thin volumes with snapshots of them in mind, whether there are any or not. */
function initrdModules(tree: DeviceTree): string[] {
  const volumes = Object.values(tree.lvm_vg).flatMap(({ lvs }) => Object.values(lvs));
  const modules = [...volumes.flatMap(volumeModules), ...(hasThinVolumes(tree) ? ["dm_snapshot"] : [])];
  return [...new Set(modules.map((name) => name.replaceAll("_", "-")))].toSorted();
}

function hasThinVolumes(tree: DeviceTree): boolean {
  const volumes = Object.values(tree.lvm_vg).flatMap(({ lvs }) => Object.values(lvs));
  return volumes.some(({ lvm_type }) => lvm_type === "thin-pool" || lvm_type === "thinlv");
}
