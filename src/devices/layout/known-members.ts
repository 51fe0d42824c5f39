import type { Identity } from "../../base/identity.ts";
import { type Bytes, TiB } from "../../base/units.ts";
import { lengthOf } from "../../layout/span.ts";
import type { DeviceTree } from "../device-tree.ts";
import { contentTypeOf, unitTypeOf } from "../registry.ts";
import { unitEntries } from "../tree/unit-entries.ts";
import { membershipBy } from "./membership.ts";
import type { DeviceNode, Membership } from "./solver.ts";
import type { TablePlan } from "./table-plan.ts";

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

/** Every member of every group of a tree. What lies on a group has no size before that has. */
export function knownMembers(tree: DeviceTree, disks: readonly SizedDisk[], identity: Identity): KnownMember[] {
  const onGroups = unitEntries(tree).flatMap(({ kind, node, path }) => {
    const type = unitTypeOf(kind);
    return type.plan === undefined ? [] : (type.contents?.(node, path) ?? []);
  });
  return [
    ...disks.flatMap((disk) => inDevice(disk, { size: disk.size, fixed: false }, { identity })),
    ...onGroups.flatMap(({ path, node: content }) => {
      const device: DeviceNode = { content, path, name: "", title: path, sectorSize: 512 };
      return inDevice(device, { size: null, fixed: false }, { identity });
    }),
  ];
}

/** The size of a node, as far as it is known. */
type Extent = Pick<KnownMember, "size" | "fixed">;

interface Walk {
  readonly identity: Identity;
}

/** Partitions of fixed size are the same on a disk of any size, so a vast one shows them. */
const vast: Bytes = 1024 * TiB;

function inDevice(device: DeviceNode, at: Extent, walk: Walk): KnownMember[] {
  const { content, path, sectorSize } = device;
  if (content === null) return [];
  const { layout: rules } = contentTypeOf(content);
  switch (rules.kind) {
    case "table":
      return inTable(rules.plan(content, device, walk.identity), sectorSize, at, walk);
    case "container": {
      const size = at.size === null ? null : at.size - rules.headerSize(content);
      return inDevice(rules.inside(content, { path, sectorSize: 512 }), { size, fixed: at.fixed }, walk);
    }
    case "member":
      return [{ ...membershipBy(rules, content, path), ...at }];
    case "leaf":
      return [];
  }
}

function inTable(plan: TablePlan, sectorSize: 512 | 4096, at: Extent, walk: Walk): KnownMember[] {
  const { spans } = plan.place((at.size ?? vast) / sectorSize);
  return plan.partitions.flatMap(({ flexible, content, path }, index) => {
    const span = spans?.[index];
    const isKnown = span !== undefined && (at.size !== null || !flexible);
    const inside = { size: isKnown ? lengthOf(span) * sectorSize : null, fixed: !flexible };
    const partition: DeviceNode = { content, path: `${path}.content`, name: "", title: path, sectorSize };
    return inDevice(partition, inside, walk);
  });
}
