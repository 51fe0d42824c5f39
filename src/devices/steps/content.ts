import type { StepContext } from "./context.ts";
import type { Located } from "../tree/located.ts";
import type { NodeSteps } from "../../steps/node-steps.ts";
import { bcachefsSteps } from "../types/bcachefs/steps.ts";
import { btrfsSteps } from "../types/btrfs/steps.ts";
import { filesystemSteps } from "../types/filesystem/steps.ts";
import { gptSteps } from "../types/gpt/steps.ts";
import { luksSteps } from "../types/luks/steps.ts";
import { lvmPvSteps } from "../types/lvm-pv/steps.ts";
import { mdraidSteps } from "../types/mdraid/steps.ts";
import { swapSteps } from "../types/swap/steps.ts";
import { tableSteps } from "../types/table/steps.ts";
import { zfsSteps } from "../types/zfs/steps.ts";

/** The steps of a node that lies on a block device, with all that it holds. */
export function contentSteps(located: Located, context: StepContext): NodeSteps {
  const { node } = located;
  switch (node.type) {
    case "gpt":
      return gptSteps({ ...located, node }, context);
    case "table":
      return tableSteps({ ...located, node }, context);
    case "filesystem":
      return filesystemSteps({ ...located, node }, context);
    case "btrfs":
      return btrfsSteps({ ...located, node }, context);
    case "swap":
      return swapSteps({ ...located, node }, context);
    case "luks":
      return luksSteps({ ...located, node }, context);
    case "lvm_pv":
      return lvmPvSteps({ ...located, node }, context);
    case "mdraid":
      return mdraidSteps({ ...located, node }, context);
    case "zfs":
      return zfsSteps({ ...located, node }, context);
    case "bcachefs":
      return bcachefsSteps({ ...located, node }, context);
  }
}
