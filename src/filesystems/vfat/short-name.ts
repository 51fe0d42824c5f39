/** A name of 8 + 3 characters, without dot and padding. */
interface Parts {
  readonly base: string;
  readonly extension: string;
}

/** The short name that a long name gets: 11 bytes, and whether it says everything, so that no long name is needed. */
interface ShortName {
  readonly bytes: Uint8Array;
  readonly isWhole: boolean;
}

/**
 * The short names of the files of one folder: a plain 8.3 name where the long name is one but for its case, else one with
 * a numeric tail (`LOADER~1.CON`). They depend on nothing but the set of names.
 *
 * Source: Microsoft FAT specification, "The basis-name generation algorithm" and "The numeric-tail generation algorithm".
 */
export function shortNames(names: readonly string[]): Map<string, ShortName> {
  const [plain, others] = partition(names.toSorted(), isPlain);
  const result = new Map(plain.map((name) => [name, shortName(name, split(name.toUpperCase()))]));
  const taken = new Set(plain.map((name) => name.toUpperCase()));
  const tails = new Map<string, number>();
  for (const name of others) {
    const parts = withTail(basis(name), taken, tails);
    taken.add(render(parts));
    result.set(name, shortName(name, parts));
  }
  return result;
}

const plainCharacters = "[A-Za-z0-9!#$%&'()@^_`{}~-]";
const plainName = new RegExp(`^${plainCharacters}{1,8}(\\.${plainCharacters}{1,3})?$`);

function isPlain(name: string): boolean {
  return plainName.test(name);
}

function basis(name: string): Parts {
  const bare = name.replaceAll(" ", "").replace(/^\.+/, "").toUpperCase();
  const { base, extension } = split(bare);
  return { base: legal(base.replaceAll(".", "")).slice(0, 8), extension: legal(extension).slice(0, 3) };
}

function legal(text: string): string {
  return Array.from(text, (character) => (isPlain(character) ? character : "_")).join("");
}

/** Counts on from the last tail of the same beginning, so that thousands of similar names take no longer than others. */
function withTail(parts: Parts, taken: ReadonlySet<string>, tails: Map<string, number>): Parts {
  for (let digits = 1; digits < 7; digits += 1) {
    const start = parts.base.slice(0, 7 - digits);
    const key = `${digits} ${start}.${parts.extension}`;
    for (let number = tails.get(key) ?? 10 ** (digits - 1); number < 10 ** digits; number += 1) {
      tails.set(key, number + 1);
      const candidate = { base: `${start}~${number}`, extension: parts.extension };
      if (!taken.has(render(candidate))) return candidate;
    }
  }
  throw new RangeError("a folder has at most 65,536 entries");
}

function split(name: string): Parts {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? { base: name, extension: "" } : { base: name.slice(0, dot), extension: name.slice(dot + 1) };
}

function render({ base, extension }: Parts): string {
  return extension === "" ? base : `${base}.${extension}`;
}

function shortName(name: string, parts: Parts): ShortName {
  const bytes = Buffer.from(parts.base.padEnd(8) + parts.extension.padEnd(3), "ascii");
  return { bytes, isWhole: render(parts) === name };
}

function partition<T>(list: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [list.filter(test), list.filter((item) => !test(item))];
}
