import * as z from "zod";
import { suggest } from "./suggest.ts";

/** One thing that is wrong with an input, as a line for people. */
export type Fault = string;

/**
 * Describes the issues of a zod schema, one line a fault: the path of the key, the value, what is legal. Unknown keys come
 * with the nearest known one.
 *
 * @param nameOf how a key of the whole is called where the input was written. Default: as it is.
 */
export function faultsOf(error: z.ZodError, input: unknown, keysAt: KeysAt, nameOf: NameOf = (key) => key): Fault[] {
  return error.issues.flatMap((issue) => faultLines(issue, input, keysAt, nameOf));
}

type KeysAt = (path: readonly PropertyKey[]) => readonly string[];
type NameOf = (key: string) => string;

function faultLines(issue: z.core.$ZodIssue, input: unknown, keysAt: KeysAt, nameOf: NameOf): Fault[] {
  const [key, ...rest] = issue.path;
  const path = key === undefined ? [] : [nameOf(String(key)), ...rest];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((unknown) => unknownKey(pathText([...path, unknown]), unknown, keysAt(issue.path)));
  }
  const value = valueAt(input, issue.path);
  const given = value === undefined ? "" : ` (given: ${JSON.stringify(value)})`;
  return [`${pathText(path) || "the whole"}: ${messageOf(issue)}${given}`];
}

function unknownKey(path: string, key: string, known: readonly string[]): Fault {
  const meant = suggest(key, known);
  return meant === undefined ? `${path}: unknown key` : `${path}: unknown key; did you mean ${meant}?`;
}

/** In a union the fault of the variant that came nearest says more than "invalid input". */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_union") return issue.message;
  const messages = issue.errors.flat().map((inner) => messageOf(inner));
  return [...new Set(messages)].join(", or ") || issue.message;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
