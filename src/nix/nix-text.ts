/** A text as a Nix string. Pure. */
export function nixString(text: string): string {
  return `"${text.replaceAll(/["\\]|\$(?=\{)/g, (character) => `\\${character}`)}"`;
}

/** A value that can be written as Nix. */
export type NixValue = string | number | boolean | null | readonly NixValue[] | { readonly [name: string]: NixValue };

/** A value as Nix, indented. Pure. */
export function nixValue(value: NixValue, indent = ""): string {
  const inner = `${indent}  `;
  if (typeof value === "string") return nixString(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (isList(value)) {
    if (value.every((one) => typeof one !== "object")) return `[ ${value.map((one) => `${nixValue(one)} `).join("")}]`;
    return `[\n${value.map((one) => `${inner}${nixValue(one, inner)}\n`).join("")}${indent}]`;
  }
  const lines = Object.entries(value).map(([name, one]) => `${inner}${nixName(name)} = ${nixValue(one, inner)};\n`);
  return lines.length === 0 ? "{ }" : `{\n${lines.join("")}${indent}}`;
}

function nixName(name: string): string {
  return /^[A-Za-z_][\w'-]*$/.test(name) && !keywords.includes(name) ? name : nixString(name);
}

const keywords = ["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"];

/** Whether a value is a list, not a set. */
export function isList(value: NixValue): value is readonly NixValue[] {
  return Array.isArray(value);
}
