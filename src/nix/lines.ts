/** A line of a key and a value, such as `title  NixOS`. */
export interface Field {
  readonly key: string;
  readonly value: string;
}

/**
 * The word that a line begins with, and what stands behind it; `undefined` for a line of less than two words. It is found
 * by going through the line once: patterns that skip blanks on both sides of a value go back and forth over them.
 */
export function fieldOf(line: string): Field | undefined {
  const text = line.trim();
  const end = text.search(/\s/);
  return end === -1 ? undefined : { key: text.slice(0, end), value: text.slice(end).trimStart() };
}

/** The two sides of the first `=` of a line, without blanks around them. */
export function settingOf(line: string): Field | undefined {
  const at = line.indexOf("=");
  return at === -1 ? undefined : { key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
}

/**
 * Whether a name is one of those that a pattern with `*` and `?` stands for. Where the rest of a pattern does not fit, only
 * the last star before it takes more, which is enough: it takes the product of both lengths at most.
 */
export function matchesWildcards(pattern: string, name: string): boolean {
  let [at, star, taken] = [0, -1, 0];
  for (let next = 0; next < name.length;) {
    if (pattern[at] === "*") {
      star = at;
      taken = next;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[next])) {
      at += 1;
      next += 1;
    } else if (star === -1) return false;
    else {
      taken += 1;
      next = taken;
      at = star + 1;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
