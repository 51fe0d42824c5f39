import type { BcachefsNode } from "../../devices/bcachefs.ts";
import type { StepContext } from "../context.ts";
import { withHooks } from "../hooks.ts";
import type { Located } from "../located.ts";
import { type NodeSteps, noSteps } from "../node-steps.ts";

/** A member of a bcachefs filesystem: the filesystem makes it. */
export function bcachefsSteps({ node, path, device, key }: Located<BcachefsNode>, { setting }: StepContext): NodeSteps {
  return withHooks(node, { path, device, key, root: setting.root }, noSteps);
}
