import test from "ava";
import { type NixWishes, nixArgumentsOf } from "../../src/request/nix-arguments.ts";

const cases: readonly (readonly [NixWishes, readonly string[]])[] = [
  [{}, []],
  [{ impure: true, showTrace: true }, ["--impure", "--show-trace"]],
  [{ overrideInput: [["nixpkgs", "path:/nixpkgs"]] }, ["--override-input", "nixpkgs", "path:/nixpkgs"]],
  [
    {
      option: [
        ["cores", "2"],
        ["builders", ""],
      ],
    },
    ["--option", "cores", "2", "--option", "builders", ""],
  ],
];

for (const [wishes, words] of cases) {
  test(`${JSON.stringify(wishes)} is told to Nix as ${words.join(" ") || "nothing"}`, (t) => {
    t.deepEqual(nixArgumentsOf(wishes), words);
  });
}
