/**
 * A pattern of devices, as a kernel's modules have it, in the form in which it is compared: hyphens are underscores. Pure.
 *
 * Source: kmod, `alias_normalize`.
 */
export function normalAlias(text: string): string {
  return text.replaceAll(/\[[^\]]*\]|-/g, (part) => (part === "-" ? "_" : part));
}

/**
 * Whether a device's name is matched by a pattern, both in their normal form: `*`, `?`, and `[…]` for one of several characters. Pure.
 *
 * Source: fnmatch(3) without flags, which modprobe uses.
 */
export function isMatch(pattern: string, name: string): boolean {
  let [at, from] = [0, 0];
  // Behind the last star, and where in the name what follows it was tried.
  let [star, tried] = [-1, 0];
  while (from < name.length) {
    const taken = pattern[at] === "*" ? undefined : takes(pattern, at, name[from] ?? "");
    if (pattern[at] === "*") [star, tried, at] = [at + 1, from, at + 1];
    else if (taken !== undefined) [at, from] = [taken, from + 1];
    else if (star < 0) return false;
    else [at, from, tried] = [star, tried + 1, tried + 1];
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

/** The place behind what takes a character at a place of the pattern; `undefined`: it takes another one. */
function takes(pattern: string, at: number, character: string): number | undefined {
  const first = pattern[at];
  if (first === undefined) return undefined;
  if (first === "?") return at + 1;
  if (first === "\\") return pattern[at + 1] === character ? at + 2 : undefined;
  if (first === "[") {
    const end = endOfSet(pattern, at);
    if (end !== undefined) return isInSet(pattern.slice(at + 1, end), character) ? end + 1 : undefined;
  }
  return first === character ? at + 1 : undefined;
}

/** A bracket that ends a set is neither its first character, nor does a backslash stand before it. */
function endOfSet(pattern: string, at: number): number | undefined {
  const first = pattern[at + 1] === "!" || pattern[at + 1] === "^" ? at + 2 : at + 1;
  for (let next = first; next < pattern.length; next += pattern[next] === "\\" ? 2 : 1)
    if (pattern[next] === "]" && next > first) return next;
  return undefined;
}

function isInSet(set: string, character: string): boolean {
  const isOthers = set.startsWith("!") || set.startsWith("^");
  const members = (isOthers ? set.slice(1) : set).match(/\\?[^]/g) ?? [];
  let found = false;
  for (let at = 0; at < members.length; at += 1) {
    const [first = "", hyphen, last] = members.slice(at, at + 3);
    const isRange = hyphen === "-" && last !== undefined;
    const own = first.slice(-1);
    found ||= isRange ? own <= character && character <= last.slice(-1) : own === character;
    if (isRange) at += 2;
  }
  return found !== isOthers;
}
