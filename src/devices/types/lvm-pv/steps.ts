import type { LvmPvNode } from "./schema.ts";
import type { Identity } from "../../../base/identity.ts";
import type { Claim } from "../../../steps/claim.ts";
import { type StepContext, claimedMembers } from "../../steps/context.ts";
import { withHooks } from "../../../steps/hooks.ts";
import type { Located } from "../../tree/locate.ts";
import { type NodeSteps, noSteps } from "../../../steps/node-steps.ts";
import { step } from "../../../steps/step.ts";

/** A physical volume, made where nothing is. */
export function lvmPvSteps({ node, path, device, key }: Located<LvmPvNode>, context: StepContext): NodeSteps {
  const { setting } = context;
  const uuid = setting.identity === undefined ? [] : uuidArguments(setting.identity, `${path} uuid`);
  const create = step(
    path,
    `make ${device} a physical volume`,
    [
      { kind: "is empty", device },
      { kind: "is unmade so far", claim: volumeGroupClaim(node.vg, context) },
    ],
    ["pvcreate", "--yes", ...uuid, device],
  );
  return withHooks(node, { path, device, key, root: setting.root }, { ...noSteps, create: [create] });
}

/** A group is made of volumes that are in none; where one of them is in it already, it is there. */
export function volumeGroupClaim(name: string, context: StepContext): Claim {
  return {
    thing: `volume group ${name}`,
    wanted: `a physical volume of volume group ${name}`,
    devices: claimedMembers(context, "lvm_vg", name),
    own: { contents: ["LVM2_member"], owner: { argv: ["volume_group_of"], name } },
    incomplete: { kind: "used" },
    taken: { argv: ["vgs", name] },
  };
}

/** LVM groups its 32 characters in its own way, and takes a UUID of ours only if no old metadata is to be restored. */
function uuidArguments(identity: Identity, purpose: string): string[] {
  const [, ...groups] =
    /^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/.exec(identity.uuid(purpose).replaceAll("-", "")) ?? [];
  return ["--uuid", groups.join("-"), "--norestorefile"];
}
