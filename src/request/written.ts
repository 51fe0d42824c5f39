/** Where the value of an option comes from: a flag, a key of a `--config` file, or the system's configuration. */
export type Origin = "flag" | "config" | "system";

/** The options that were given, by their keys, with their origins. */
export type Given = ReadonlyMap<string, Origin>;

/**
 * Names an option as its user writes it: `--touch-efi-vars`, or `touchEfiVars` where it is a key of a `--config` file. One
 * that was not given is named like those of the file, where there is one.
 */
export function writtenName(given: Given, key: string): string {
  const origin = given.get(key);
  const isKey = origin === "config" || (origin !== "flag" && [...given.values()].includes("config"));
  return isKey ? key : `--${flagName(key)}`;
}

/** A key of the request as a flag, without its dashes. */
export function flagName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
