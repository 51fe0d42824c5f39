/** Something that gets a share of a width. */
interface Claim {
  /** The weight to which the share is proportional. */
  readonly weight: number;
  /** The width that it needs. */
  readonly least: number;
}

/** Divides a width by weights, as far as everyone gets what they need; where that is too much, by needs. Pure. */
export function sharesOf(claims: readonly Claim[], width: number): number[] {
  const needed = claims.reduce((sum, { least }) => sum + least, 0);
  if (needed >= width)
    return rounded(
      claims.map(({ least }) => (least * width) / Math.max(needed, 1)),
      width,
    );
  return rounded(toScale(claims, width), width);
}

/** Those that would get too little get what they need, and the others divide what is left. */
function toScale(claims: readonly Claim[], width: number): number[] {
  const fixed = new Set<Claim>();
  for (;;) {
    const rest = width - [...fixed].reduce((sum, { least }) => sum + least, 0);
    const weight = claims.reduce((sum, claim) => (fixed.has(claim) ? sum : sum + claim.weight), 0);
    const share = (claim: Claim) => (weight === 0 ? claim.least : (rest * claim.weight) / weight);
    const short = claims.filter((claim) => !fixed.has(claim) && share(claim) < claim.least);
    if (short.length === 0) return claims.map((claim) => (fixed.has(claim) ? claim.least : share(claim)));
    short.forEach((claim) => fixed.add(claim));
  }
}

/** Whole numbers with the same sum: what is left over goes to those that lost most. */
function rounded(shares: readonly number[], width: number): number[] {
  const whole = shares.map(Math.floor);
  const left = width - whole.reduce((sum, share) => sum + share, 0);
  const byLoss = shares
    .map((share, index) => ({ index, loss: share - Math.floor(share) }))
    .toSorted((a, b) => b.loss - a.loss);
  for (let turn = 0; turn < left; turn += 1) {
    const index = byLoss[turn % byLoss.length]?.index ?? 0;
    whole[index] = (whole[index] ?? 0) + 1;
  }
  return whole;
}
