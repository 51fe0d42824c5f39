import type { StepContext } from "../context.ts";
import type { Located } from "../located.ts";
import type { NodeSteps } from "../node-steps.ts";
import { bcachefsSteps } from "./bcachefs.ts";
import { btrfsSteps } from "./btrfs.ts";
import { filesystemSteps } from "./filesystem.ts";
import { gptSteps } from "./gpt.ts";
import { luksSteps } from "./luks.ts";
import { lvmPvSteps } from "./lvm-pv.ts";
import { mdraidSteps } from "./mdraid.ts";
import { swapSteps } from "./swap.ts";
import { tableSteps } from "./table.ts";
import { zfsSteps } from "./zfs.ts";

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
