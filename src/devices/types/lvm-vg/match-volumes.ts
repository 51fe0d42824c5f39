import type { Bytes } from "../../../base/units.ts";
import { crossedPairs } from "../../changes/crossed-pairs.ts";
import type { UnitPair } from "../../changes/type-changes.ts";
import { orderedVolumes } from "./order.ts";
import type { LogicalVolumeNode, LvmVgNode } from "./schema.ts";

/** One volume of the tree, with what is there of it. */
export interface WantedVolume {
  readonly key: string;
  readonly name: string;
  readonly node: LogicalVolumeNode;
  readonly there: FoundVolume | undefined;
  /** The volumes that it could be where names and contents say different things; empty: nothing is doubtful. */
  readonly doubtful: readonly FoundVolume[];
}

export interface FoundVolume {
  readonly key: string;
  readonly name: string;
  readonly node: LogicalVolumeNode;
  readonly size: Bytes;
}

type Own = Omit<WantedVolume, "there" | "doubtful">;

/** Finds each volume of a tree by its name, else by what is in it, where no other is meant by that. */
export function matchVolumes({ wanted, found, factsIn, isKnown }: UnitPair<LvmVgNode>): WantedVolume[] {
  const there = Object.entries(found.lvs).map(([key, node]): FoundVolume => {
    return { key, node, name: node.name, size: factsIn(`.lvs.${key}`)?.size ?? 0 };
  });
  const own = orderedVolumes(wanted).map(([key, node]): Own => ({ key, node, name: node.name }));
  const isIn = (one: Own, other: FoundVolume) =>
    isKnown(one.node.content, `.lvs.${other.key}.content`, other.node.content);
  const named = own.flatMap((one) => {
    const other = there.find(({ name }) => name === one.name);
    return other === undefined ? [] : [[one, other] as const];
  });
  const crossed = crossedPairs({ pairs: named, wanted: own, found: there, isKnown: isIn });
  const unnamed = there.filter((other) => !named.some(([, taken]) => taken === other));
  return own.map((one) => {
    const doubtful = crossed.get(one);
    if (doubtful !== undefined) return { ...one, there: undefined, doubtful };
    const byName = named.find(([other]) => other === one)?.[1];
    const known = unnamed.filter(
      (other) => isIn(one, other) && own.every((rival) => rival === one || !isIn(rival, other)),
    );
    return { ...one, there: byName ?? (known.length === 1 ? known[0] : undefined), doubtful: [] };
  });
}
