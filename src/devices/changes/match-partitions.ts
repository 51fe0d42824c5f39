import type { TablePartition } from "./type-changes.ts";

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
}

/**
 * Finds each partition of a tree among those that are there: by its number where the tree means that, by UUID, by name, by what
 * is in it. One that was renamed has its number, and no other could be meant. A guess is never made. Pure.
 */
export function matchPartitions(
  wanted: readonly TablePartition[],
  found: readonly TablePartition[],
  likeness: Likeness,
): PartitionMatch {
  const pairs = new Map<string, TablePartition>();
  const left = () => found.filter((one) => ![...pairs.values()].includes(one));
  const open = () => wanted.filter(({ key }) => !pairs.has(key));
  const pairBy = (isMeant: (one: TablePartition, other: TablePartition) => boolean): void => {
    const candidates = left();
    const searching = open();
    for (const one of searching) {
      const meant = candidates.filter((other) => !isOther(one, other) && isMeant(one, other));
      const rivals = searching.filter((rival) => meant.some((other) => isMeant(rival, other)));
      if (meant.length === 1 && rivals.length === 1 && meant[0] !== undefined) pairs.set(one.key, meant[0]);
    }
  };
  pairBy((one, other) => one.isNumbered && one.number === other.number);
  pairBy((one, other) => one.uuid !== null && one.uuid.toLowerCase() === other.uuid?.toLowerCase());
  pairBy((one, other) => one.label !== null && one.label !== "" && one.label === other.label);
  pairBy((one, other) => one.usualLabel !== null && one.usualLabel === other.label);
  pairBy(likeness.isKnown);
  const isOfTree = pairs.size > 0;
  const alike = (one: TablePartition) =>
    one.isNumbered ? [] : left().filter((other) => !isOther(one, other) && likeness.couldBe(one, other));
  const doubtful = new Map(open().map((one) => [one.key, alike(one)]));
  const ambiguous = new Map<string, readonly TablePartition[]>();
  for (const one of open()) {
    const others = doubtful.get(one.key) ?? [];
    const [only] = others;
    const rivals = [...doubtful.values()].filter((some) => some.some((other) => others.includes(other)));
    const hasNumber = others.some(({ number }) => number === one.number);
    if (only !== undefined && others.length === 1 && rivals.length === 1 && hasNumber) pairs.set(one.key, only);
    // On a disk that the tree has made, what has neither name nor number of a partition is not that partition.
    else if (others.length > 0 && (hasNumber || !isOfTree)) ambiguous.set(one.key, others);
  }
  const doubted = new Set([...ambiguous.values()].flat());
  return { pairs, ambiguous, extra: left().filter((one) => !doubted.has(one)) };
}

/** Whether the tree names a partition by a UUID that another one has: that is none of it, whatever else is alike. */
function isOther(wanted: TablePartition, found: TablePartition): boolean {
  return wanted.uuid !== null && found.uuid !== null && wanted.uuid.toLowerCase() !== found.uuid?.toLowerCase();
}
