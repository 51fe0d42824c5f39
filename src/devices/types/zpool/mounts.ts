import { mountOf, mountsIn, type TreeMount } from "../../tree/mount.ts";
import { isMountable, type ZfsFsNode } from "../zfs-fs/schema.ts";
import type { ZpoolNode } from "./schema.ts";

/** Where a pool and its datasets are mounted; ZFS mounts no dataset whose own property says so. */
export function poolMounts(node: ZpoolNode, path: string): TreeMount[] {
  const datasets = Object.entries(node.datasets).filter(
    (entry): entry is [string, ZfsFsNode] => entry[1].type === "zfs_fs" && isMountable(entry[1].options),
  );
  return [
    ...(isMountable(node.rootFsOptions) ? mountOf(node, path) : []),
    ...mountsIn(Object.fromEntries(datasets), `${path}.datasets`),
  ];
}
