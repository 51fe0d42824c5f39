import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import * as z from "zod";
import { contentSchemas } from "../../src/devices/content.ts";
import { contentTypes, unitTypes } from "../../src/devices/registry.ts";
import { contentsOf, locatedContentsOf } from "../../src/devices/tree/contents.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { unitsOf } from "../../src/devices/tree/units.ts";

const folder = join(import.meta.dirname, "../../fixtures/devices");
const trees = readdirSync(folder).filter((name) => name.endsWith(".json"));

test("a type of content is registered under the name by which its nodes say it", (t) => {
  for (const [name, { schema }] of Object.entries(contentTypes)) {
    const { type } = schema(contentSchemas).shape;
    t.true(type instanceof z.ZodLiteral && type.value === name, name);
  }
});

test("members belong to types of the top level that have members", (t) => {
  const planned = Object.entries(unitTypes).flatMap(([kind, type]) => ("plan" in type ? [kind] : []));
  const joined = Object.values(contentTypes).flatMap(({ layout }) =>
    layout.kind === "member" ? [layout.groupKind] : [],
  );
  t.deepEqual(joined.toSorted(), planned.toSorted());
});

test("a partition holds every type but tables, a device holds all", (t) => {
  const tables = Object.entries(contentTypes).flatMap(([name, { layout }]) => (layout.kind === "table" ? [name] : []));
  t.deepEqual(tables, ["gpt", "table"]);
  for (const type of tables) {
    t.true(contentSchemas.device.safeParse({ type }).success, type);
    t.false(contentSchemas.partition.safeParse({ type }).success, type);
  }
});

for (const name of trees) {
  test(`the nodes of ${name} are the same with their devices and without`, (t) => {
    const tree = readDeviceTree(JSON.parse(readFileSync(join(folder, name), "utf8")));
    const devices = Object.fromEntries(Object.keys(tree.disk).map((key, index) => [key, `/dev/vd${"abcdef"[index]}`]));
    const located = locatedContentsOf(unitsOf(tree, devices)).map(({ path }) => path);
    const placed = contentsOf(tree).map(({ path }) => path);
    t.deepEqual(located.toSorted(), placed.toSorted());
    t.is(new Set(placed).size, placed.length);
  });
}
