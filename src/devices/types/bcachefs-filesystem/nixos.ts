import type { NixosSettings } from "../../content-type.ts";
import { sorted } from "../../tree/locate.ts";
import { mergeSettings } from "../../nixos/merge.ts";
import type { BcachefsFilesystemNode } from "./schema.ts";
import { bcachefsOptions } from "./steps.ts";
import { uuidOf } from "./uuid.ts";

/** The mounts of the filesystem and its subvolumes. */
export function bcachefsInNixos(node: BcachefsFilesystemNode, name: string): NixosSettings {
  const device = `/dev/disk/by-uuid/${uuidOf(node, name)}`;
  const inner = sorted(node.subvolumes).map(([, subvolume]) => subvolume);
  const mounts = [node, ...inner].map((of): NixosSettings => {
    const options = [...new Set([...bcachefsOptions(of), "X-mount.mkdir"])];
    // The initrd unlocks what it mounts, once for all that is on the same devices.
    const settings = { device, fsType: "bcachefs", options, neededForBoot: true };
    return of.mountpoint === null ? {} : { fileSystems: { [of.mountpoint]: settings } };
  });
  return mergeSettings(mounts);
}
