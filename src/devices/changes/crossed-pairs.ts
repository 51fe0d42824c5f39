/** Two lists, which of one is which of the other by its name, and who is known by what is in it. */
interface Pairing<Wanted, Found> {
  readonly pairs: readonly (readonly [wanted: Wanted, found: Found])[];
  readonly wanted: readonly Wanted[];
  readonly found: readonly Found[];
  /** Whether what is in the one has the UUID, the label, the mount point that the tree gives the other. */
  readonly isKnown: (wanted: Wanted, found: Found) => boolean;
}

/**
 * Finds the pairs that what is in them speaks against: either the content that the tree wants is in another, or what is there is the
 * content of another node. Whoever exchanged two names may have meant the data, or only the names. Pure.
 *
 * @returns for each such node all that it could be.
 */
export function crossedPairs<Wanted, Found>({
  pairs,
  wanted,
  found,
  isKnown,
}: Pairing<Wanted, Found>): Map<Wanted, readonly Found[]> {
  const crossed = new Map<Wanted, readonly Found[]>();
  const sure = pairs.filter(([one, there]) => isKnown(one, there));
  const open = wanted.filter((one) => !sure.some(([known]) => known === one));
  const unclaimed = found.filter((one) => !sure.some(([, known]) => known === one));
  for (const [one, there] of pairs) {
    if (!open.includes(one)) continue;
    const others = unclaimed.filter((other) => other !== there && isKnown(one, other));
    const isAnother = open.some((other) => other !== one && isKnown(other, there));
    if (others.length > 0 || isAnother) crossed.set(one, [there, ...others]);
  }
  return crossed;
}
