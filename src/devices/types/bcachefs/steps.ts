import type { BcachefsNode } from "./schema.ts";
import type { StepContext } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Located } from "../../tree/locate.ts";
import { type NodeSteps, noSteps } from "../../../steps/node-steps.ts";

/** A member of a bcachefs filesystem: the filesystem makes it. */
export function bcachefsSteps({ node, path, device, key }: Located<BcachefsNode>, { setting }: StepContext): NodeSteps {
  return withHooks(node, { path, device, key, root: setting.root }, noSteps);
}
