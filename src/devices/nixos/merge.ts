import { isList, type NixValue } from "../../nix/nix-text.ts";
import type { NixosSettings } from "../content-type.ts";

/**
 * The settings of several nodes as one: sets grow, lists grow by what they do not have, lines follow each other, and of
 * anything else the first one counts.
 */
export function mergeSettings(all: readonly NixosSettings[]): NixosSettings {
  const merged = new Map<string, NixValue>();
  for (const [name, value] of all.flatMap((settings) => Object.entries(settings))) {
    const known = merged.get(name);
    merged.set(name, known === undefined ? value : mergeValues(known, value));
  }
  return Object.fromEntries(merged);
}

function mergeValues(one: NixValue, other: NixValue): NixValue {
  if (isList(one) && isList(other)) return [...one, ...other.filter((value) => !has(one, value))];
  if (isSet(one) && isSet(other)) return { ...one, ...other };
  if (typeof one === "string" && typeof other === "string" && one.endsWith("\n")) return `${one}${other}`;
  return one;
}

function has(list: readonly NixValue[], value: NixValue): boolean {
  return typeof value !== "object" && list.includes(value);
}

function isSet(value: NixValue): value is { readonly [name: string]: NixValue } {
  return typeof value === "object" && value !== null && !isList(value);
}
