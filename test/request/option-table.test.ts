import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { withOptionTable } from "../../tools/readme-options.ts";

test("the README has the options that the schema has now; `make docs` writes them", (t) => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  t.is(readme, withOptionTable(readme));
});
