import type { LogicalVolumeNode, LvmVgNode } from "./schema.ts";
import { MkimageError } from "../../../base/errors.ts";
import { orderedVolumes } from "./order.ts";
import type { GroupPlan } from "../../../layout/group.ts";
import type { VolumeLayout } from "../../../layout/layout.ts";
import { parseBytes } from "../../../layout/sector-text.ts";
import type { ContentNode, Solver } from "../../layout/solver.ts";
import { type Bytes, MiB, formatSize } from "../../../base/units.ts";
import { logicalExtents, physicalVolumeHeader, takenExtents, usualExtentSize as extentSize } from "./extents.ts";

interface Volume {
  readonly key: string;
  readonly name: string;
  readonly path: string;
  readonly node: LogicalVolumeNode;
}

/** Plans a volume group of LVM. */
export function planVolumeGroup(key: string, node: LvmVgNode, solver: Solver): GroupPlan {
  const path = `lvm_vg.${key}`;
  const { name } = node;
  const volumes = orderedVolumes(node).map(([lv, volume]): Volume => {
    return { key: lv, node: volume, name: volume.name, path: `${path}.lvs.${lv}` };
  });
  const needs = new Map<string, Bytes>();
  const needOf = (volume: Volume) => {
    const need = needs.get(volume.key) ?? neededBy(volume, volumes, solver);
    needs.set(volume.key, need);
    return need;
  };
  return {
    kind: "lvm_vg",
    name,
    faultAt: (sizes) => {
      const extents = allocate(volumes, totalExtents(sizes));
      if (typeof extents === "string") return extents;
      const short = volumes.find(
        (volume, index) => isFlexible(volume) && (extents[index] ?? 0) * extentSize < needOf(volume),
      );
      return short === undefined ? undefined : `logical volume ${short.name} needs ${formatSize(needOf(short))}`;
    },
    layOut: (members) => {
      const sizes = members.map(({ size }) => size);
      const extents = allocate(volumes, totalExtents(sizes));
      if (typeof extents === "string") throw new MkimageError("TOO_SMALL", `volume group ${name}: ${extents}`);
      const size = totalExtents(sizes) * extentSize;
      const made = volumes.map((volume, index) =>
        layOutVolume(volume, (extents[index] ?? 0) * extentSize, name, solver),
      );
      return {
        kind: "lvm_vg",
        technology: "LVM",
        path,
        name,
        size,
        members: members.map((member) => member.path),
        device: null,
        filesystem: null,
        volumes: made,
        free: freeOf(size, volumes, made),
      };
    },
  };
}

/** Returns the bytes that no volume takes; 0 with mirrors or RAID, whose copies and parity make the difference meaningless. */
function freeOf(size: Bytes, volumes: readonly Volume[], made: readonly VolumeLayout[]): Bytes {
  const isPlain = volumes.every(({ node }) => node.lvm_type === null || node.lvm_type.startsWith("thin"));
  return isPlain ? size - made.reduce((sum, one) => sum + (one.inside === null ? one.size : 0), 0) : 0;
}

function isFlexible({ node }: Volume): boolean {
  return node.size.includes("%");
}

function totalExtents(memberSizes: readonly Bytes[]): number {
  return memberSizes.reduce(
    (sum, size) => sum + Math.max(Math.floor((size - physicalVolumeHeader) / extentSize), 0),
    0,
  );
}

/** The logical extents of each volume, or why they do not fit. */
function allocate(volumes: readonly Volume[], total: number): number[] | string {
  let free = total;
  const pools = new Map<string, number>();
  const extents: number[] = [];
  for (const volume of volumes) {
    const room = volume.node.lvm_type === "thinlv" ? (pools.get(volume.node.pool ?? "") ?? 0) : free;
    const logical = wanted(volume.node, room, total);
    const taken = takenExtents(volume.node, logical, extentSize);
    if (taken > free)
      return `logical volume ${volume.name} takes ${formatSize(taken * extentSize)}, and ${formatSize(free * extentSize)} are free`;
    free -= taken;
    extents.push(logical);
    if (volume.node.lvm_type === "thin-pool") pools.set(volume.name, logical);
  }
  return extents;
}

function wanted(node: LogicalVolumeNode, room: number, total: number): number {
  const share = /^(\d+(?:\.\d+)?)%(.*)$/.exec(node.size);
  if (share === null) return Math.ceil(fixedVolumeSize(node) / extentSize);
  const whole = share[2] === "VG" || share[2] === "PVS" ? total : room;
  return logicalExtents(node, Math.floor((whole * Number(share[1])) / 100), extentSize);
}

/** The size that a volume is given; a number without a unit counts MiB, as lvcreate has it. */
export function fixedVolumeSize({ size }: LogicalVolumeNode): Bytes {
  return /^\d+(\.\d+)?$/.test(size) ? Number(size) * MiB : parseBytes(size);
}

/** Returns the size that the contents of a volume of open size need; for a thin pool, those of its volumes. */
function neededBy(volume: Volume, volumes: readonly Volume[], solver: Solver): Bytes {
  if (volume.node.lvm_type === "thin-pool") {
    const thin = volumes.filter(({ node }) => node.lvm_type === "thinlv" && node.pool === volume.name);
    return thin.reduce((sum, one) => sum + neededBy(one, volumes, solver), extentSize);
  }
  const content = contentOf(volume);
  return content === undefined
    ? extentSize
    : solver.need(content, isFlexible(volume) ? null : fixedVolumeSize(volume.node));
}

function contentOf({ node, path }: Volume): ContentNode | undefined {
  return node.content === null ? undefined : { node: node.content, path: `${path}.content`, sectorSize: 512 };
}

function layOutVolume(volume: Volume, size: Bytes, group: string, solver: Solver): VolumeLayout {
  const { name, path, node } = volume;
  const content = contentOf(volume);
  const need = content === undefined || isFlexible(volume) ? 0 : solver.need(content, size);
  if (need > size) {
    throw new MkimageError(
      "TOO_SMALL",
      `logical volume ${name} of ${group} has ${formatSize(size)}, and its contents need ${formatSize(need)} (${need} bytes)`,
      {
        hint: "make the volume larger, or its size 100%FREE, so that it follows its contents",
      },
    );
  }
  return {
    path,
    name,
    size,
    inside: node.pool,
    purpose: node.lvm_type === "thin-pool" ? "thin pool" : null,
    content: content === undefined ? null : solver.layOut(content, size, null),
  };
}
