import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { nixOptions, plainTreeFile } from "../../tools/nix-options.ts";
import { withOptionTable } from "../../tools/readme-options.ts";

const read = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");

test("the README has the options that the schema has now; `make docs` writes them", (t) => {
  const readme = read("README.md");
  t.is(readme, withOptionTable(readme));
});

test("so do the Nix files", (t) => {
  t.is(read("nix/options.json"), nixOptions());
  t.is(read("nix/plain-tree.nix"), plainTreeFile());
});
