import type { FoundNode } from "../found.ts";
import type { Comparison } from "./type-changes.ts";

/** A comparison that is refused where it would change what is used through another device. */
export function unlessHeld(comparison: Comparison, { held }: FoundNode): Comparison {
  const { properties, parts = [], refusal } = comparison;
  const isChanged = properties.length > 0 || parts.some(({ state }) => state === "missing" || state === "different");
  if (held === undefined || !isChanged) return comparison;
  return { ...comparison, refusal: refusal === undefined ? held : `${held}; ${refusal}` };
}
