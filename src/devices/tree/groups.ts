import { MkimageError } from "../../base/errors.ts";
import type { DeviceTree } from "../device-tree.ts";
import { membershipOf } from "../layout/membership.ts";
import type { Membership } from "../layout/solver.ts";
import { contentsOfUnit } from "./contents.ts";
import { type UnitEntry, unitEntries } from "./unit-entries.ts";

/**
 * Refuses a tree whose members belong to groups that it does not have, or whose groups lie on themselves.
 *
 * @throws MkimageError BAD_REQUEST with every member without a group, else with one cycle.
 */
export function requireGroups(tree: DeviceTree): void {
  const groups = unitEntries(tree).map((unit) => ({ ...unit, members: membersOn(unit) }));
  const faults = groups.flatMap(({ members }) => members.filter((member) => !has(groups, member)));
  if (faults.length > 0) throw missing(faults, groups);
  const visit = (path: string, open: readonly string[]): void => {
    if (open.includes(path)) throw cycle([...open.slice(open.indexOf(path)), path]);
    const members = groups.find((group) => group.path === path)?.members ?? [];
    for (const member of members)
      for (const group of groups) if (isGroupOf(group, member)) visit(group.path, [...open, path]);
  };
  for (const { path } of groups) visit(path, []);
}

function membersOn(unit: UnitEntry): Membership[] {
  return contentsOfUnit(unit).flatMap(({ node, path }) => membershipOf(node, path) ?? []);
}

function has(groups: readonly UnitEntry[], member: Membership): boolean {
  return groups.some((group) => isGroupOf(group, member));
}

function isGroupOf({ kind, name }: Pick<UnitEntry, "kind" | "name">, member: Membership): boolean {
  return kind === member.kind && name === member.group;
}

function missing(members: readonly Membership[], groups: readonly UnitEntry[]): MkimageError {
  const [first, ...others] = members.map(
    ({ path, group, kind }) => `${path} belongs to ${group}, which is not in ${kind}`,
  );
  const { kind, group } = members[0] ?? { kind: "", group: "" };
  const known = groups.filter((one) => one.kind === kind).map(({ name }) => name);
  return new MkimageError("BAD_REQUEST", first ?? "", {
    details: others,
    hint: known.length === 0 ? `add ${kind}.${group} to the tree` : `${kind} has ${known.join(", ")}`,
  });
}

function cycle(paths: readonly string[]): MkimageError {
  return new MkimageError("BAD_REQUEST", `${paths[0]} lies on itself: ${paths.join(" > ")}`, {
    hint: "a group cannot be a member of what it provides",
  });
}
