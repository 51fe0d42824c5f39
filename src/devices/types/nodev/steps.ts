import { bindOf, type NodevNode, sourceOf } from "./schema.ts";
import type { StepContext } from "../../steps/context.ts";
import type { Unit } from "../../tree/units.ts";
import { createWithHooks, mountWithHooks } from "../../../steps/hooks.ts";
import { mountSteps } from "../../../steps/mount.ts";
import { type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { below } from "../../../steps/words.ts";

/** A mount without a disk. The source of a bind mount is a folder of the system that is mounted. */
export function nodevSteps({ path, name }: Unit, node: NodevNode, { setting: { root } }: StepContext): NodeSteps {
  const { mountpoint } = node;
  const isBind = bindOf(node) !== undefined;
  const device = isBind ? below(root, node.device) : sourceOf(node);
  const folder = below(root, mountpoint);
  // The source of a bind mount has the type of the filesystem that it lies on.
  const mounted = ["findmnt", ...(isBind ? [] : [`--types=${node.fsType}`]), "--mountpoint", folder];
  const options = node.mountOptions;
  const mount = mountSteps({ path, device, type: node.fsType, options, mountpoint, root, mounted });
  const place = { path, device, key: name, root };
  return {
    ...noSteps,
    create: createWithHooks(node, place, []),
    mounts: [mountWithHooks(node, place, mount)],
  };
}
