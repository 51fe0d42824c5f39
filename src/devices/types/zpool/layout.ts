import { isBeside } from "./topology.ts";
import { poolMounts } from "./mounts.ts";
import type { ZpoolNode } from "./schema.ts";
import type { ZfsVolumeNode } from "../zfs-volume/schema.ts";
import { type GroupMember, type GroupPlan, sharingMembers } from "../../../layout/group.ts";
import type { FilesystemLayout } from "../../../layout/layout.ts";
import { parseBytes } from "../../../layout/sector-text.ts";
import type { Solver } from "../../layout/solver.ts";
import { type Bytes, KiB, MiB, formatSize, roundDown } from "../../../base/units.ts";

/** Plans a ZFS pool. */
export function planPool(key: string, node: ZpoolNode, solver: Solver): GroupPlan {
  const path = `zpool.${key}`;
  const { name } = node;
  const filesystem = describe(node, name, path);
  const volumes = Object.entries(node.datasets).flatMap(([dataset, one]) =>
    one.type === "zfs_volume" ? [{ node: one, path: `${path}.datasets.${dataset}` }] : [],
  );
  let known: Bytes | undefined;
  const need = () => {
    known ??= solver.request.needs({ ...filesystem, sectorSize: 512, fixedSize: null });
    return volumes.reduce((sum, volume) => sum + volumeSize(volume.node), known);
  };
  const plan: GroupPlan = {
    kind: "zpool",
    name,
    needBeside: (member) => (isBeside(node, member) ? leastDevice : undefined),
    faultAt: (sizes) => (poolSize(node, sizes) >= need() ? undefined : `pool ${name} needs ${formatSize(need())}`),
    layOut: (members) => {
      const size = poolSize(
        node,
        sharingMembers(plan, members).map((member) => member.size),
      );
      return {
        kind: "zpool",
        technology: "ZFS",
        path,
        name,
        size,
        members: members.map((member: GroupMember) => member.path),
        device: null,
        filesystem: { ...filesystem, size },
        volumes: volumes.map((volume) => layOutVolume(volume, solver)),
        free: 0,
      };
    },
  };
  return plan;
}

/** Source: SPA_MINDEVSIZE of OpenZFS. */
const leastDevice: Bytes = 64 * MiB;

function describe(node: ZpoolNode, name: string, path: string): Omit<FilesystemLayout, "size"> {
  return {
    kind: "filesystem",
    path,
    place: null,
    format: "zfs",
    label: name,
    uuid: null,
    mountpoint: node.mountpoint,
    mountpoints: poolMounts(node, path).map(({ mountpoint }) => mountpoint),
    mountOptions: node.mountOptions,
    extraArgs: [],
  };
}

function layOutVolume({ node, path }: { node: ZfsVolumeNode; path: string }, solver: Solver) {
  const size = volumeSize(node);
  const content =
    node.content === null ? null : { node: node.content, path: `${path}.content`, sectorSize: 512 as const };
  return {
    path,
    name: node.name,
    size,
    content: content === null ? null : solver.layOut(content, size, null),
    inside: null,
    purpose: null,
  };
}

function volumeSize({ size }: ZfsVolumeNode): Bytes {
  return parseBytes(size);
}

/**
 * Returns the usable size of a pool: its members without labels, in whole metaslabs, without parity, and without the slop
 * space, a 32nd. In a topology every member counts as large as the smallest.
 *
 * Source: zpoolconcepts(7); spa_slop_shift in zfs(4).
 */
function poolSize({ mode }: ZpoolNode, memberSizes: readonly Bytes[]): Bytes {
  const usable = memberSizes.map((size) => Math.max(roundDown(size - 4608 * KiB, 256 * KiB), 0) * (15 / 16));
  const raw = rawSize(mode, usable);
  return Math.max(roundDown(raw - Math.max(raw / 32, Math.min(raw / 2, 128 * MiB)), MiB), 0);
}

function rawSize(mode: ZpoolNode["mode"], usable: readonly Bytes[]): Bytes {
  const smallest = Math.min(...usable);
  if (mode === "") return usable.reduce((sum, size) => sum + size, 0);
  if (typeof mode === "string") return smallest * dataMembers(mode, usable.length);
  const groups = mode.topology.vdev.map((vdev) => dataMembers(vdev.mode, vdev.members.length));
  return smallest * groups.reduce((sum, count) => sum + count, 0);
}

/** How many members' worth of data a group of members holds. */
function dataMembers(mode: string, count: number): number {
  if (mode === "mirror") return 1;
  const parity = mode === "raidz" ? 1 : Number(/^raidz(\d)$/.exec(mode)?.[1] ?? 0);
  return Math.max(count - parity, 0);
}
