import test from "ava";
import { deviceTreeJsonSchema } from "./tree-schema.ts";
import { treeRecords } from "../../src/nix/tree-records.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

test("Nix's list of records has each key of a type's below which nodes stand under names of the user's", (t) => {
  const whole = deviceTreeJsonSchema() as Schema & { readonly $defs: Readonly<Record<string, Schema>> };
  const target = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : target(whole.$defs[schema.$ref.replace("#/$defs/", "")] as Schema);
  const isNode = (schema: Schema): boolean => {
    const { properties, anyOf, oneOf } = target(schema);
    return properties !== undefined || [...(anyOf ?? []), ...(oneOf ?? [])].some(isNode);
  };
  const found = new Set<string>();
  const seen = new Set<Schema>();
  const visit = (schema: Schema): void => {
    const reached = target(schema);
    if (seen.has(reached)) return;
    seen.add(reached);
    for (const [key, inner] of Object.entries(reached.properties ?? {})) {
      const { additionalProperties } = target(inner);
      if (typeof additionalProperties === "object" && isNode(additionalProperties)) found.add(key);
      visit(inner);
    }
    if (typeof reached.additionalProperties === "object") visit(reached.additionalProperties);
    for (const part of [...(reached.anyOf ?? []), ...(reached.oneOf ?? [])]) visit(part);
  };
  const sets = Object.keys(whole.properties ?? {});
  visit(whole);
  const listed = [...treeRecords.matchAll(/"(\w+)"/g)].map(([, key]) => key as string);
  t.deepEqual([...found].filter((key) => !sets.includes(key)).toSorted(), listed.toSorted());
});
