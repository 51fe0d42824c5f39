/**
 * Further arguments as the user's tree has them. An entry such as `-d raid1` is two words: configurations for disko are
 * full of them, because most of disko's command lines are not quoted.
 */
export function splitWords(entries: readonly string[]): string[] {
  return entries.flatMap((entry) => (/^-[^\s=]*\s/.test(entry) ? entry.trim().split(/\s+/) : [entry]));
}
