import test from "ava";
import { versionCommand, versionQuestion } from "../../src/runtime/version-question.ts";

test("programs that open the store before they tell their version are not asked: in a guest it may be read-only", (t) => {
  t.deepEqual(versionQuestion("nix"), ["--version"]);
  for (const tool of ["nix-env", "nix-store"] as const) {
    t.is(versionQuestion(tool), undefined, tool);
    t.is(versionCommand(tool), undefined, tool);
  }
});
