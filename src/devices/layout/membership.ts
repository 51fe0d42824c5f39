import type { DeviceContent } from "../content.ts";
import { contentTypeOf } from "../registry.ts";
import type { MemberRules } from "./rules.ts";
import type { Membership } from "./solver.ts";

/** The group that a node belongs to, when it is a member of one. */
export function membershipOf(node: DeviceContent, path: string): Membership | undefined {
  const { layout: rules } = contentTypeOf(node);
  return rules.kind === "member" ? membershipBy(rules, node, path) : undefined;
}

/** The group that a member belongs to, by the rules of its type. */
export function membershipBy(rules: MemberRules<DeviceContent>, node: DeviceContent, path: string): Membership {
  return { kind: rules.groupKind, group: rules.group(node), path };
}
