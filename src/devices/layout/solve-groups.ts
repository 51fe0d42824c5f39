import { MkimageError } from "../../base/errors.ts";
import { membersOf } from "./create-solver.ts";
import { type GroupPlan, sharingMembers } from "../../layout/group.ts";
import type { GroupLayout, MemberLayout } from "../../layout/layout.ts";
import { membersOnGroup } from "../../layout/nodes-of.ts";
import type { Membership } from "./solver.ts";

/**
 * Lays the groups out, each after those that its members lie on.
 *
 * @param members Every member of the tree.
 * @param onDisks Those that lie on disks, laid out.
 * @throws MkimageError BAD_REQUEST for groups without members; TOO_SMALL for members whose given sizes do not do.
 */
export function layOutGroups(
  plans: readonly GroupPlan[],
  members: readonly Membership[],
  onDisks: readonly MemberLayout[],
): GroupLayout[] {
  const placed = new Map(onDisks.map((member) => [member.path, member]));
  const done: GroupLayout[] = [];
  let waiting = [...plans];
  while (waiting.length > 0) {
    const next = waiting.find((plan) => isReady(membersOf(plan, members), placed));
    if (next === undefined) throw unreachable(waiting);
    const layout = layOutGroup(
      next,
      membersOf(next, members).flatMap(({ path }) => placed.get(path) ?? []),
    );
    done.push(layout);
    for (const member of membersOnGroup(layout)) placed.set(member.path, member);
    waiting = waiting.filter((plan) => plan !== next);
  }
  return done;
}

function isReady(members: readonly Membership[], placed: ReadonlyMap<string, MemberLayout>): boolean {
  return members.length > 0 && members.every(({ path }) => placed.has(path));
}

function layOutGroup(plan: GroupPlan, members: readonly MemberLayout[]): GroupLayout {
  const fault = plan.faultAt(sharingMembers(plan, members).map(({ size }) => size));
  if (fault === undefined) return plan.layOut(members);
  throw new MkimageError("TOO_SMALL", `${plan.kind} ${plan.name}: ${fault}`, {
    hint: "give its members, or their disks, a larger size, or leave the sizes to mkimage",
  });
}

function unreachable(waiting: readonly GroupPlan[]): MkimageError {
  const names = waiting.map(({ kind, name }) => `${kind} ${name}`);
  return new MkimageError("BAD_REQUEST", `no disk leads to ${names.join(", ")}`, {
    hint: "each group needs nodes on disks that name it: its members",
  });
}
