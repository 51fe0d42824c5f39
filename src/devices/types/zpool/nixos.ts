import type { NixosSettings } from "../../content-type.ts";
import { mergeSettings } from "../../nixos/merge.ts";
import { mountInNixos } from "../../nixos/mount.ts";
import { sorted } from "../../tree/locate.ts";
import { isMountable } from "../zfs-fs/schema.ts";
import type { ZpoolNode } from "./schema.ts";

/** The mounts of a pool and its datasets. */
export function poolInNixos(pool: ZpoolNode, name: string): NixosSettings {
  const datasets = sorted(pool.datasets).map(([key, node]) =>
    node.type === "zfs_fs" ? mountOfDataset(`${name}/${node.name ?? key}`, node, node.options) : {},
  );
  return mergeSettings([mountOfDataset(name, pool, pool.rootFsOptions), ...datasets]);
}

function mountOfDataset(
  dataset: string,
  { mountpoint, mountOptions }: Pick<ZpoolNode, "mountpoint" | "mountOptions">,
  properties: Readonly<Record<string, string>>,
): NixosSettings {
  const own = properties["mountpoint"] === "legacy" ? [] : ["zfsutil"];
  return mountInNixos(isMountable(properties) ? mountpoint : null, dataset, "zfs", [...mountOptions, ...own]);
}
