import test from "ava";
import { program } from "../../src/cli/program.ts";
import { MkimageError } from "../../src/base/errors.ts";
import { refuseMistypedVerb } from "../../src/cli/mistyped-verb.ts";

/** The fault for which a call with these words is refused. */
function refusal(...words: readonly string[]): string | undefined {
  const root = program(AbortSignal.abort());
  const build = root.commands.find((verb) => verb.name() === "build");
  if (build === undefined) throw new Error("there is no build");
  root.args = [...words];
  try {
    refuseMistypedVerb(build, words[0] === "build" ? words.slice(1) : words.slice(-1));
    return undefined;
  } catch (error) {
    return error instanceof MkimageError ? error.message : String(error);
  }
}

test("a word that is nearly a verb is refused, and the verb named", (t) => {
  t.is(refusal("biuld"), "biuld is no command of mkimage; did you mean build?");
  t.is(refusal("--quiet", "paln"), "paln is no command of mkimage; did you mean plan?");
});

test("flakes, files and what is after build are not", (t) => {
  for (const word of ["./biuld", ".#biuld", "biuld#x", "github:biuld", "web", "test"])
    t.is(refusal(word), undefined, word);
  t.is(refusal("build", "biuld"), undefined);
});
