import type { PartitionContent } from "../content.ts";
import type { Membership } from "./solver.ts";

/** The group that a node belongs to, when it is a member of one. */
export function membershipOf(node: PartitionContent, path: string): Membership | undefined {
  switch (node.type) {
    case "lvm_pv":
      return { kind: "lvm_vg", group: node.vg, path };
    case "mdraid":
      return { kind: "mdadm", group: node.name, path };
    case "zfs":
      return { kind: "zpool", group: node.pool, path };
    case "bcachefs":
      return { kind: "bcachefs_filesystems", group: node.filesystem, path };
    default:
      return undefined;
  }
}
