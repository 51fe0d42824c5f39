import { mountInNixos } from "../../nixos/mount.ts";
import { filesystemModules } from "../../steps/filesystem-modules.ts";
import type { MountSource } from "../../tree/mount.ts";
import { plainPath } from "../../tree/taken.ts";
import type { UnitType } from "../../unit-type.ts";
import { bindOf, type NodevNode, nodevSet, sourceOf } from "./schema.ts";
import { nodevSteps } from "./steps.ts";

/** A mount that needs no disk: tmpfs, a bind mount. */
export const nodevType: UnitType<NodevNode> = {
  description: "Mounts without a disk by mount point.",
  schema: () => nodevSet,
  steps: nodevSteps,
  mounts: (node, path) => [{ mountpoint: node.mountpoint, path, source: mountSource(node) }],
  modules: ({ fsType }) => filesystemModules(fsType),
  nixos: (node) => mountInNixos(node.mountpoint, sourceOf(node), node.fsType, node.mountOptions),
};

function mountSource(node: NodevNode): MountSource {
  const { device, fsType, mountpoint } = node;
  const bind = bindOf(node);
  if (bind === undefined) {
    const of = device.startsWith("/") ? ` (${device})` : "";
    return { kind: "elsewhere", what: `a mount of ${fsType}${of}` };
  }
  if (!device.startsWith("/") || plainPath(mountpoint) === "/")
    return { kind: "elsewhere", what: `a bind mount of ${device}` };
  return { kind: "bind", folder: device, recursive: bind === "rbind" };
}
