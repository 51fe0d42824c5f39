import test from "ava";
import { rootLink, settingArguments } from "../../src/nix/nix.ts";

test("of the arguments for Nix, nix-store gets the settings", (t) => {
  const nixArguments = ["--impure", "--option", "cores", "1", "--override-input", "a", "b", "--option", "builders", ""];
  t.deepEqual(settingArguments({ nixArguments }), ["--option", "cores", "1", "--option", "builders", ""]);
  t.deepEqual(settingArguments({}), []);
});

test("without a folder nothing is held", (t) => {
  t.is(rootLink({}), undefined);
});
