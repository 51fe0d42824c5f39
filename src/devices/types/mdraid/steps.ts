import type { MdraidNode } from "./schema.ts";
import type { MdadmNode } from "../mdadm/schema.ts";
import type { Claim } from "../../../steps/claim.ts";
import { type StepContext, claimedMembers } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Located } from "../../tree/locate.ts";
import { type NodeSteps, noSteps } from "../../../steps/node-steps.ts";

/** A member of an array: the array makes it. */
export function mdraidSteps({ node, path, device }: Located<MdraidNode>, { setting }: StepContext): NodeSteps {
  return withHooks(node, { path, device, key: node.name, root: setting.root }, noSteps);
}

/** An array is made of devices that hold nothing; where one of them is in it already, it is there. */
export function arrayClaim(name: string, { metadata }: MdadmNode, context: StepContext): Claim {
  const member = otherTypes[metadata];
  return {
    thing: `array ${name}`,
    wanted: `a member of array ${name}`,
    devices: claimedMembers(context, "mdadm", name),
    own:
      member === undefined
        ? { contents: ["linux_raid_member"], owner: { argv: ["array_of"], name: storedArrayName(name) } }
        : { contents: [member] },
    incomplete: { kind: "used" },
    taken: { argv: ["mdadm", "--detail", `/dev/md/${name}`] },
  };
}

/** Superblocks of firmware have no name that can be compared. */
const otherTypes: Readonly<Record<string, string>> = { ddf: "ddf_raid_member", imsm: "isw_raid_member" };

/** Of an array's name a superblock has room for 32 bytes. */
export function storedArrayName(name: string): string {
  return Buffer.from(name).subarray(0, 32).toString();
}
