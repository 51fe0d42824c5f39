import type { NixosSettings } from "../../content-type.ts";
import { mergeSettings } from "../../nixos/merge.ts";
import { mountInNixos } from "../../nixos/mount.ts";
import { sorted } from "../../tree/locate.ts";
import { datasetOptions } from "./datasets.ts";
import { isMountable } from "../zfs-fs/schema.ts";
import type { ZpoolNode } from "./schema.ts";

/** The mounts of a pool and its datasets. */
export function poolInNixos(pool: ZpoolNode, name: string): NixosSettings {
  const datasets = sorted(pool.datasets).map(([, node]) =>
    node.type === "zfs_fs" ? mountOfDataset(`${name}/${node.name}`, node, node.options) : {},
  );
  return mergeSettings([mountOfDataset(name, pool, pool.rootFsOptions), ...datasets]);
}

function mountOfDataset(
  dataset: string,
  node: Pick<ZpoolNode, "mountpoint" | "mountOptions">,
  properties: Readonly<Record<string, string>>,
): NixosSettings {
  const mountpoint = isMountable(properties) ? node.mountpoint : null;
  return mountInNixos(mountpoint, dataset, "zfs", datasetOptions(node, properties));
}
