import { mountInNixos } from "../../nixos/mount.ts";
import { filesystemModules } from "../../steps/filesystem-modules.ts";
import type { MountSource } from "../../tree/mount.ts";
import { plainPath } from "../../tree/taken.ts";
import type { UnitType } from "../../unit-type.ts";
import { bindOf, type NodevNode, nodev, sourceOf } from "./schema.ts";
import { nodevSteps } from "./steps.ts";

/** A mount that needs no disk: tmpfs, a bind mount. */
export const nodevType: UnitType<NodevNode> = {
  description: "Mounts without a disk by mount point.",
  schema: () => nodev,
  name: (key) => key,
  steps: ({ key }, node, context) => nodevSteps(key, node, context),
  mounts: (node, path, key) => {
    const mountpoint = node.mountpoint ?? key;
    return [{ mountpoint, path, source: mountSource(node, mountpoint) }];
  },
  modules: ({ fsType }) => filesystemModules(fsType),
  nixos: (node, name) => mountInNixos(node.mountpoint ?? name, sourceOf(node), node.fsType, node.mountOptions),
};

function mountSource(node: NodevNode, mountpoint: string): MountSource {
  const { device, fsType } = node;
  const bind = bindOf(node);
  if (bind === undefined) {
    const of = device.startsWith("/") ? ` (${device})` : "";
    return { kind: "elsewhere", what: `a mount of ${fsType}${of}` };
  }
  if (!device.startsWith("/") || plainPath(mountpoint) === "/")
    return { kind: "elsewhere", what: `a bind mount of ${device}` };
  return { kind: "bind", folder: device, recursive: bind === "rbind" };
}
