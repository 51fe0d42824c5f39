/** The words of an option that takes them two by two, and what is left where their number is odd. */
export function pairsOf(words: readonly string[] = []): { pairs: [string, string][]; rest: string | undefined } {
  const count = Math.floor(words.length / 2);
  const pairs = Array.from({ length: count }, (_, index): [string, string] => {
    return [words[2 * index] ?? "", words[2 * index + 1] ?? ""];
  });
  return { pairs, rest: words[2 * count] };
}
