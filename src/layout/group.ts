import type { GroupLayout } from "./layout.ts";
import type { Bytes } from "../base/units.ts";

/** A group before its members have sizes. */
export interface GroupPlan {
  /** The set of the device tree that it is in. */
  readonly kind: string;
  readonly name: string;
  /** Why members of these sizes would not do. */
  faultAt(memberSizes: readonly Bytes[]): string | undefined;
  layOut(members: readonly GroupMember[]): GroupLayout;
}

/** A member that has been laid out. */
export interface GroupMember {
  readonly path: string;
  readonly size: Bytes;
}
