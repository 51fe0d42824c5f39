import test from "ava";
import { requestFlags, requestJsonSchema } from "../../src/request/flags.ts";

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly alias?: string;
}

const { properties } = requestJsonSchema() as { readonly properties: Readonly<Record<string, Property>> };

test("there is an option for every key of the schema, in its order", (t) => {
  t.deepEqual(
    requestFlags().map(({ key }) => key),
    Object.keys(properties),
  );
});

test("an option says of itself what the JSON Schema says of its key", (t) => {
  for (const flag of requestFlags()) {
    const property = properties[flag.key];
    const fallback = [property?.default ?? []].flat().join();
    t.is(flag.description, property?.description ?? "", flag.key);
    t.is(flag.alias, property?.alias, flag.key);
    t.is(flag.default ?? "", fallback, flag.key);
    t.is(flag.kind === "boolean", property?.type === "boolean", flag.key);
    t.is(flag.kind === "list" || flag.kind === "pairs", property?.type === "array", flag.key);
    if (property?.enum !== undefined) t.deepEqual(flag.choices, property.enum, flag.key);
  }
});

test("kinds, choices and placeholders, from the inside of a type too", (t) => {
  const about = (wanted: string) => {
    const { kind, choices, placeholder } = requestFlags().find(({ key }) => key === wanted) ?? {};
    return [kind, choices, placeholder];
  };
  t.deepEqual(about("sectorSize"), ["number", ["512", "4096"], "BYTES"]);
  t.deepEqual(about("size"), ["text", [], "SIZE"], "one word beside sizes is no choice");
  t.deepEqual(about("memSize"), ["number", [], "MIB"]);
  t.deepEqual(about("arg"), ["pairs", [], "NAME EXPRESSION"]);
  t.deepEqual(about("additionalPaths"), ["list", [], "PATH"]);
  t.deepEqual(about("out"), ["text", [], "PATH"]);
  t.deepEqual(about("owner"), ["text", ["root", "keep"], "CHOICE"]);
});
