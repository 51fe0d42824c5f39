import { MkimageError } from "../../base/errors.ts";
import { membershipOf } from "../layout/membership.ts";
import type { Membership } from "../layout/solver.ts";
import type { Located } from "./locate.ts";
import { locatedContentsOf } from "./contents.ts";
import type { Unit } from "./units.ts";

/** A member of a volume group, an array or a pool. */
export interface Member extends Membership {
  readonly located: Located;
  /** The path of the top-level node that it lies on: `disk.main`. */
  readonly unit: string;
}

/** Every member of every group, in the order of the units that they lie on. */
export function membersOf(units: readonly Unit[]): Member[] {
  return units.flatMap((unit) =>
    locatedContentsOf([unit]).flatMap((located) => {
      const membership = membershipOf(located.node, located.path);
      return membership === undefined ? [] : [{ ...membership, located, unit: unit.path }];
    }),
  );
}

/**
 * The units, each behind those that its members lie on; otherwise their order stays.
 *
 * @throws MkimageError BAD_REQUEST for a cycle, or a member of a group that is not there.
 */
export function dependencyOrder(units: readonly Unit[], members: readonly Member[]): Unit[] {
  members.forEach((member) => requireGroup(member, units));
  const ordered = new Set<Unit>();
  const visit = (unit: Unit, open: readonly string[]): void => {
    if (ordered.has(unit)) return;
    if (open.includes(unit.path)) throw cycle([...open.slice(open.indexOf(unit.path)), unit.path]);
    const below = new Set(members.filter((member) => isGroupOf(unit, member)).map((member) => member.unit));
    for (const one of units) if (below.has(one.path)) visit(one, [...open, unit.path]);
    ordered.add(unit);
  };
  units.forEach((unit) => visit(unit, []));
  return [...ordered];
}

function isGroupOf(unit: Unit, { kind, group }: Membership): boolean {
  return unit.kind === kind && unit.name === group;
}

function requireGroup(member: Member, units: readonly Unit[]): void {
  if (units.some((unit) => isGroupOf(unit, member))) return;
  throw new MkimageError("BAD_REQUEST", `${member.path} belongs to ${member.group}, which is not in ${member.kind}`, {
    hint: `add ${member.kind}.${member.group} to the tree`,
  });
}

function cycle(paths: readonly string[]): MkimageError {
  return new MkimageError("BAD_REQUEST", `${paths[0]} lies on itself: ${paths.join(" > ")}`, {
    hint: "a group cannot be a member of what it provides",
  });
}
