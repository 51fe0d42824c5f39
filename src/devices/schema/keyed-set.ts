import * as z from "zod";

/** A node whose name is known, from its own option or its key. */
export type Named<Written> = Written extends { readonly name: string | null }
  ? Omit<Written, "name"> & { name: string }
  : never;

/**
 * A set of nodes under keys of the user's, each complete once it is read. An option that follows from the key where it is left out, such as
 * a name, is `null` in no tree: its type says so, and no other place has to know the key.
 */
export function keyedSet<Written, Node>(
  schema: z.ZodType<Written, unknown>,
  complete: (key: string, node: Written) => Node,
): z.ZodType<Record<string, Node>, unknown> {
  const completed = (set: Record<string, Written>) =>
    Object.fromEntries(Object.entries(set).map(([key, node]) => [key, complete(key, node)]));
  // It stays a record for those who read schemas; zod has no type for a value that is complete later.
  const set = z
    .record(z.string(), schema)
    .check(z.overwrite(completed as unknown as (set: Record<string, Written>) => Record<string, Written>));
  return set as unknown as z.ZodType<Record<string, Node>, unknown>;
}

/** Nodes with a name, which is their key where they say none. */
export function namedSet<Written extends { readonly name: string | null }>(
  schema: z.ZodType<Written, unknown>,
): z.ZodType<Record<string, Named<Written>>, unknown> {
  return keyedSet(schema, named);
}

/** The node with its name. */
function named<Written extends { readonly name: string | null }>(key: string, node: Written): Named<Written> {
  return { ...node, name: node.name ?? key } as unknown as Named<Written>;
}
