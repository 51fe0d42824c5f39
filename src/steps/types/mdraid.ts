import type { MdraidNode } from "../../devices/mdraid.ts";
import type { StepContext } from "../context.ts";
import { withHooks } from "../hooks.ts";
import type { Located } from "../located.ts";
import { type NodeSteps, noSteps } from "../node-steps.ts";

/** A member of an array: the array makes it. */
export function mdraidSteps({ node, path, device }: Located<MdraidNode>, { setting }: StepContext): NodeSteps {
  return withHooks(node, { path, device, root: setting.root }, noSteps);
}
