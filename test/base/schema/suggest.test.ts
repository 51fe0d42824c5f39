import test from "ava";
import { suggest } from "../../../src/base/schema/suggest.ts";

const known = ["build", "plan", "inspect", "run", "additionalSpace"];

test("a letter too many, too few, another one, or two exchanged are what people mistype", (t) => {
  for (const word of ["bulid", "biuld", "buid", "builld", "BUILD"]) t.is(suggest(word, known), "build", word);
  t.is(suggest("paln", known), "plan");
  t.is(suggest("inpsect", known), "inspect");
  t.is(suggest("aditionalspace", known), "additionalSpace");
});

test("what is far from everything is not taken for anything", (t) => {
  for (const word of ["web", "host", "nixpkgs", ""]) t.is(suggest(word, known), undefined, word);
});
