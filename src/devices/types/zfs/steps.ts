import type { ZfsNode } from "./schema.ts";
import type { StepContext } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Located } from "../../tree/locate.ts";
import { type NodeSteps, noSteps } from "../../../steps/node-steps.ts";

/** A member of a pool: the pool makes it. */
export function zfsSteps({ node, path, device, key }: Located<ZfsNode>, { setting }: StepContext): NodeSteps {
  return withHooks(node, { path, device, key, root: setting.root }, noSteps);
}
