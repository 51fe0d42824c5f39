import type * as z from "zod";

/** An input without some of its keys. */
interface Pruned {
  readonly input: unknown;
  /** The keys that were left out, each as its path. */
  readonly left: readonly (readonly PropertyKey[])[];
}

/** An input without the keys that its schema does not know and that say nothing: null, false, "", [], {}. Pure. */
export function withoutEmptyUnknown(schema: z.ZodType, input: unknown): Pruned {
  const issues = schema.safeParse(input).error?.issues ?? [];
  const unknown = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [],
  );
  const left = unknown.filter((path) => isEmpty(path.reduce(valueAt, input)));
  return { input: left.reduce(without, input), left };
}

function isEmpty(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || value === "";
}

function valueAt(value: unknown, key: PropertyKey): unknown {
  return (value as Record<PropertyKey, unknown>)[key];
}

/** A copy that differs along the path alone. */
function without(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<PropertyKey, unknown>;
  if (key === undefined) return value;
  if (rest.length === 0) delete copy[key];
  else copy[key] = without(copy[key], rest);
  return copy;
}
