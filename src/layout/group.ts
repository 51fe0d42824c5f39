import type { GroupLayout } from "./layout.ts";
import type { Bytes } from "../base/units.ts";

/** A group before its members have sizes. */
export interface GroupPlan {
  /** The set of the device tree that it is in. */
  readonly kind: string;
  readonly name: string;
  /** Why members of these sizes, which have a share in that of the group, would not do. */
  faultAt(memberSizes: readonly Bytes[]): string | undefined;
  /** The least size of the member at a path that has no share in the group's size, such as a cache; `undefined` of any other. */
  needBeside?(path: string): Bytes | undefined;
  layOut(members: readonly GroupMember[]): GroupLayout;
}

/** The members of a group that have a share in its size. */
export function sharingMembers<Member extends { readonly path: string }>(
  group: GroupPlan,
  members: readonly Member[],
): Member[] {
  return members.filter(({ path }) => group.needBeside?.(path) === undefined);
}

/** A member that has been laid out. */
export interface GroupMember {
  readonly path: string;
  readonly size: Bytes;
}
