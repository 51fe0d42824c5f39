import type { LvmPvNode } from "../../devices/lvm-pv.ts";
import type { Identity } from "../../layout/identity.ts";
import type { StepContext } from "../context.ts";
import { withHooks } from "../hooks.ts";
import type { Located } from "../located.ts";
import { type NodeSteps, noSteps } from "../node-steps.ts";
import { step } from "../step.ts";

/** A physical volume, made where nothing is. */
export function lvmPvSteps({ node, path, device }: Located<LvmPvNode>, { setting }: StepContext): NodeSteps {
  const uuid = setting.identity === undefined ? [] : uuidArguments(setting.identity, `${path} uuid`);
  const create = step(
    path,
    `make ${device} a physical volume`,
    [{ kind: "is empty", device }],
    ["pvcreate", "--yes", ...uuid, device],
  );
  return withHooks(node, { path, device, root: setting.root }, { ...noSteps, create: [create] });
}

/** LVM groups its 32 characters in its own way, and takes a UUID of ours only if no old metadata is to be restored. */
function uuidArguments(identity: Identity, purpose: string): string[] {
  const [, ...groups] =
    /^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/.exec(identity.uuid(purpose).replaceAll("-", "")) ?? [];
  return ["--uuid", groups.join("-"), "--norestorefile"];
}
