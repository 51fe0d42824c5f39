import type { DeviceContent, PartitionContent } from "../content.ts";
import type { DeviceTree } from "../device-tree.ts";
import type { Identity } from "../../base/identity.ts";
import { headerSize } from "../types/luks/layout.ts";
import { membershipOf } from "./membership.ts";
import { planTable } from "./plan-table.ts";
import type { DeviceNode, Membership } from "./solver.ts";
import { lengthOf } from "../../layout/span.ts";
import { type Bytes, TiB } from "../../base/units.ts";

/** A member of a group, and its size where the tree or the disk's given size says it. */
export interface KnownMember extends Membership {
  readonly size: Bytes | null;
  /** No other size of the disk would give it another one. */
  readonly fixed: boolean;
}

/** A disk with its size, when that is given. */
export interface SizedDisk extends DeviceNode {
  readonly size: Bytes | null;
}

/** Every member of every group of a tree. */
export function knownMembers(tree: DeviceTree, disks: readonly SizedDisk[], identity: Identity): KnownMember[] {
  const walk = { identity };
  const open = { size: null, fixed: false };
  return [
    ...disks.flatMap((disk) => inDevice(disk, { size: disk.size, fixed: false }, walk)),
    ...Object.entries(tree.mdadm).flatMap(([key, { content, name }]) => {
      const path = `mdadm.${key}.content`;
      const title = `array ${name ?? key}`;
      return inDevice({ content, path, name: `mdadm-${name ?? key}`, title, sectorSize: 512 }, open, walk);
    }),
    ...Object.entries(tree.lvm_vg).flatMap(([key, { lvs }]) =>
      Object.entries(lvs).flatMap(([lv, { content }]) =>
        inContent(content, `lvm_vg.${key}.lvs.${lv}.content`, open, walk),
      ),
    ),
    ...Object.entries(tree.zpool).flatMap(([key, { datasets }]) =>
      Object.entries(datasets).flatMap(([name, dataset]) =>
        dataset.type === "zfs_volume"
          ? inContent(dataset.content, `zpool.${key}.datasets.${name}.content`, open, walk)
          : [],
      ),
    ),
  ];
}

/** What is known of the size of a node. */
type Extent = Pick<KnownMember, "size" | "fixed">;

interface Walk {
  readonly identity: Identity;
}

/** Partitions of fixed size are the same on a disk of any size, so a vast one shows them. */
const vast: Bytes = 1024 * TiB;

function inDevice(device: DeviceNode, at: Extent, walk: Walk): KnownMember[] {
  const { content, path, sectorSize } = device;
  if (content === null || !isTable(content)) return inContent(content, path, at, walk);
  const plan = planTable(content, device, walk.identity);
  const { spans } = plan.place((at.size ?? vast) / sectorSize);
  return plan.partitions.flatMap((partition, index) => {
    const span = spans?.[index];
    const fixed = !partition.flexible;
    const known = span !== undefined && (at.size !== null || fixed);
    const inside = { size: known ? lengthOf(span) * sectorSize : null, fixed };
    return inContent(partition.content, `${partition.path}.content`, inside, walk);
  });
}

function inContent(content: PartitionContent | null, path: string, at: Extent, walk: Walk): KnownMember[] {
  if (content === null) return [];
  const member = membershipOf(content, path);
  if (member !== undefined) return [{ ...member, ...at }];
  if (content.type !== "luks") return [];
  const inner = { size: at.size === null ? null : at.size - headerSize(content), fixed: at.fixed };
  const device: DeviceNode = {
    content: content.content,
    path: `${path}.content`,
    name: content.name,
    title: content.name,
    sectorSize: 512,
  };
  return inDevice(device, inner, walk);
}

function isTable(content: DeviceContent): content is Extract<DeviceContent, { type: "gpt" | "table" }> {
  return content.type === "gpt" || content.type === "table";
}
