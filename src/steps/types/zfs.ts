import type { ZfsNode } from "../../devices/zfs.ts";
import type { StepContext } from "../context.ts";
import { withHooks } from "../hooks.ts";
import type { Located } from "../located.ts";
import { type NodeSteps, noSteps } from "../node-steps.ts";

/** A member of a pool: the pool makes it. */
export function zfsSteps({ node, path, device, key }: Located<ZfsNode>, { setting }: StepContext): NodeSteps {
  return withHooks(node, { path, device, key, root: setting.root }, noSteps);
}
