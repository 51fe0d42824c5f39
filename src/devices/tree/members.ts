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

/** The units, each behind those that its members lie on; otherwise their order stays. The groups of the tree are sound. */
export function dependencyOrder(units: readonly Unit[], members: readonly Member[]): Unit[] {
  const ordered = new Set<Unit>();
  const visit = (unit: Unit): void => {
    if (ordered.has(unit)) return;
    const below = new Set(members.filter((member) => isGroupOf(unit, member)).map((member) => member.unit));
    for (const one of units) if (below.has(one.path)) visit(one);
    ordered.add(unit);
  };
  units.forEach(visit);
  return [...ordered];
}

function isGroupOf(unit: Unit, { kind, group }: Membership): boolean {
  return unit.kind === kind && unit.name === group;
}
