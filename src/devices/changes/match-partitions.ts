import { crossedPairs } from "./crossed-pairs.ts";
import type { TablePartition } from "./table-changes.ts";

/** Which partitions of a tree are which of those that are there. */
interface PartitionMatch {
  /** By the key of a partition of the tree. */
  readonly pairs: ReadonlyMap<string, TablePartition>;
  /** Those that could be several of those that are there, or share one with another: nothing tells which. */
  readonly ambiguous: ReadonlyMap<string, readonly TablePartition[]>;
  /** Those that are there, and are none of the tree's. */
  readonly extra: readonly TablePartition[];
}

/** Tells what is in two partitions, besides what their table says. */
interface Likeness {
  /** Whether what is in the one could be what the tree wants in the other. */
  readonly couldBe: (wanted: TablePartition, found: TablePartition) => boolean;
  /** Whether what is in it has the UUID, the label or the mount point that the tree gives it. */
  readonly isKnown: (wanted: TablePartition, found: TablePartition) => boolean;
  /** Whether what is in it has the very UUID that the tree gives. */
  readonly isSure: (wanted: TablePartition, found: TablePartition) => boolean;
  /** Whether the user lets go of it, so that it is none of the tree's. */
  readonly isLetGo: (found: TablePartition) => boolean;
}

/**
 * Finds each partition of a tree among those that are there: by its number where the tree means that, by UUID, by name, by what
 * is in it. A number of a GPT says nothing. Where a name says one thing and what is in it another, neither counts. Pure.
 */
export function matchPartitions(
  wanted: readonly TablePartition[],
  found: readonly TablePartition[],
  likeness: Likeness,
): PartitionMatch {
  const pairs = pairsOf(wanted, found, likeness);
  const isOfTree = pairs.size > 0;
  const isNamed = (one: TablePartition, other: TablePartition) => hasUuid(one, other) || likeness.isKnown(one, other);
  const named = wanted.flatMap((one) => {
    const other = pairs.get(one.key);
    return other === undefined ? [] : [[one, other] as const];
  });
  const ambiguous = new Map<string, readonly TablePartition[]>();
  for (const [one, others] of crossedPairs({ pairs: named, wanted, found, isKnown: isNamed })) {
    pairs.delete(one.key);
    ambiguous.set(one.key, others);
  }
  const left = found.filter((one) => ![...pairs.values()].includes(one));
  for (const one of wanted) {
    if (pairs.has(one.key) || ambiguous.has(one.key) || one.isNumbered) continue;
    const others = left.filter(
      (other) => !isOther(one, other) && likeness.couldBe(one, other) && !likeness.isLetGo(other),
    );
    // On a disk that the tree has made, what has neither number nor name of a partition, nor one that the tree gave, is not that partition.
    const isLikely = others.some((other) => other.number === one.number || isNamedAlike(one, other)) || !isOfTree;
    if (others.length > 0 && isLikely) ambiguous.set(one.key, others);
  }
  const doubted = new Set([...ambiguous.values()].flat());
  return { pairs, ambiguous, extra: left.filter((one) => !doubted.has(one)) };
}

/** Pairs by what speaks loudest first; whoever is meant by two is nobody's. */
function pairsOf(
  wanted: readonly TablePartition[],
  found: readonly TablePartition[],
  { isKnown, isSure }: Likeness,
): Map<string, TablePartition> {
  const pairs = new Map<string, TablePartition>();
  const pairBy = (isMeant: (one: TablePartition, other: TablePartition) => boolean): void => {
    const candidates = found.filter((one) => ![...pairs.values()].includes(one));
    const searching = wanted.filter(({ key }) => !pairs.has(key));
    for (const one of searching) {
      const meant = candidates.filter((other) => !isOther(one, other) && isMeant(one, other));
      const rivals = searching.filter((rival) => meant.some((other) => isMeant(rival, other)));
      if (meant.length === 1 && rivals.length === 1 && meant[0] !== undefined) pairs.set(one.key, meant[0]);
    }
  };
  pairBy((one, other) => one.isNumbered && one.number === other.number);
  pairBy(hasUuid);
  pairBy(isSure);
  pairBy((one, other) => one.label !== null && one.label !== "" && one.label === other.label);
  pairBy((one, other) => one.usualLabel !== null && one.usualLabel === other.label);
  pairBy(isKnown);
  return pairs;
}

function hasUuid(wanted: TablePartition, found: TablePartition): boolean {
  return wanted.uuid !== null && wanted.uuid.toLowerCase() === found.uuid?.toLowerCase();
}

/** Whether it has the name of another partition of this disk, such as `disk-main-old`: the tree has one less, or another name for it. */
function isNamedAlike({ usualLabel, key }: TablePartition, { label }: TablePartition): boolean {
  if (usualLabel === null || label === null || !usualLabel.endsWith(`-${key}`)) return false;
  return label.startsWith(usualLabel.slice(0, -key.length));
}

/** Whether the tree names a partition by a UUID that another one has: that is none of it, whatever else is alike. */
function isOther(wanted: TablePartition, found: TablePartition): boolean {
  return wanted.uuid !== null && found.uuid !== null && wanted.uuid.toLowerCase() !== found.uuid.toLowerCase();
}
