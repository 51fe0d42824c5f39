import type { Mkfs, NameOption } from "./mkfs.ts";

/**
 * The value that words give to an option, as getopt reads them: of its own word or the next one, behind flags in one
 * word, as a long option or an unambiguous beginning of it. The last one counts; null where there is none.
 */
export function optionValue(words: readonly string[], mkfs: Mkfs, option: NameOption): string | null {
  const values = readOptions(words, mkfs).filter(([name]) => option.names.includes(name));
  const { key } = option;
  if (key === undefined) return values.at(-1)?.[1] ?? null;
  const pairs = values.flatMap(([, value]) => value.split(",")).filter((pair) => pair.startsWith(`${key}=`));
  return pairs.at(-1)?.slice(key.length + 1) ?? null;
}

type Option = readonly [name: string, value: string];

function readOptions(words: readonly string[], mkfs: Mkfs): Option[] {
  const options: Option[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined && word !== "--"; word = rest.shift()) {
    if (word.startsWith("--")) options.push(...longOption(word.slice(2), rest, mkfs));
    else if (word.startsWith("-")) options.push(...shortOptions(word.slice(1), rest, mkfs));
  }
  return options;
}

function longOption(word: string, rest: string[], { long }: Mkfs): Option[] {
  const [text = "", ...value] = word.split("=");
  const known = long.map((one) => one.replace("=", ""));
  const meant = known.filter((one) => one.startsWith(text));
  const name = known.includes(text) ? text : meant.length === 1 ? meant[0] : undefined;
  if (name === undefined) return [];
  if (!long.includes(`${name}=`)) return [[`--${name}`, ""]];
  return [[`--${name}`, value.length > 0 ? value.join("=") : (rest.shift() ?? "")]];
}

/** `-qL root`: flags, up to the first option that takes a value. */
function shortOptions(letters: string, rest: string[], { short }: Mkfs): Option[] {
  const flags =
    /^[^:]*/.exec([...letters].map((letter) => (short.includes(`${letter}:`) ? ":" : letter)).join(""))?.[0] ?? "";
  const options = [...flags].map((letter): Option => [`-${letter}`, ""]);
  const letter = letters[flags.length];
  if (letter === undefined) return options;
  const joined = letters.slice(flags.length + 1);
  return [...options, [`-${letter}`, joined === "" ? (rest.shift() ?? "") : joined]];
}
