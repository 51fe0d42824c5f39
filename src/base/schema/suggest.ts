/** The one of `known` that `word` was probably meant to be, or `undefined` when none is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined || best.distance > Math.max(1, Math.floor(best.candidate.length / 3))) return undefined;
  return best.candidate;
}

/**
 * How many insertions, deletions and replacements of a character, and exchanges of two neighbours, turn `from` into `to`.
 *
 * Source: Damerau (1964), Levenshtein (1966), in the form where no part is edited twice.
 */
function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const at = (up: number, left: number): number => rows[row - up]?.[column - left] ?? 0;
      const replaced = at(1, 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isExchange = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const exchanged = row > 1 && column > 1 && isExchange ? at(2, 2) + 1 : Infinity;
      current.push(Math.min(replaced, exchanged, at(1, 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    rows.push(current);
  }
  return rows[from.length]?.[to.length] ?? 0;
}
