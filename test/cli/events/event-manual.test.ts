import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { eventManual } from "../../../src/cli/events/event-manual.ts";
import { eventSchema } from "../../../src/cli/events/event.ts";

test("the manual has the events that the schema has now; `make docs` writes it", (t) => {
  t.is(readFileSync(join(import.meta.dirname, "../../../docs/events.md"), "utf8"), eventManual());
});

test("every event and every field is described", (t) => {
  for (const { shape, description } of eventSchema.options) {
    const name = [...shape.event.values][0] ?? "";
    t.truthy(description, name);
    for (const [field, schema] of Object.entries(shape)) {
      if (field !== "event") t.truthy(schema.description, `${name}.${field}`);
    }
  }
});
