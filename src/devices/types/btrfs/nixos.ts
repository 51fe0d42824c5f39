import type { NixValue } from "../../../nix/nix-text.ts";
import { below } from "../../../steps/words.ts";
import type { NixosSettings } from "../../content-type.ts";
import { mergeSettings } from "../../nixos/merge.ts";
import { mountInNixos } from "../../nixos/mount.ts";
import { type Located, sorted } from "../../tree/locate.ts";
import type { BtrfsNode } from "./schema.ts";

/** The mounts of the filesystem and its subvolumes, and the swap files in them. */
export function btrfsInNixos({ node, installed }: Located<BtrfsNode>): NixosSettings {
  const inner = sorted(node.subvolumes).map(([, subvolume]) => subvolume);
  const swaps = [
    ...swapFiles(node, "/", node),
    ...inner.flatMap((subvolume) => swapFiles(subvolume, subvolume.name, node)),
  ];
  return mergeSettings([
    mountInNixos(node.mountpoint, installed, "btrfs", node.mountOptions),
    ...inner.map(({ mountpoint, mountOptions, name }) =>
      mountInNixos(mountpoint, installed, "btrfs", [...mountOptions, `subvol=${name}`]),
    ),
    ...(swaps.length === 0 ? [] : [{ swapDevices: swaps }]),
  ]);
}

function swapFiles(
  { mountpoint, swap }: Pick<BtrfsNode, "mountpoint" | "swap">,
  name: string,
  whole: BtrfsNode,
): NixValue[] {
  const folder = mountpoint ?? (whole.mountpoint === null ? null : below(whole.mountpoint, name));
  if (folder === null) return [];
  return sorted(swap).map(([, { path, priority, options }]) => ({
    device: below(folder, path),
    ...(priority === null ? {} : { priority }),
    options,
  }));
}
