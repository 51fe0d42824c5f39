import test from "ava";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { command } from "./fixtures-build.ts";

const fixtures = join(import.meta.dirname, "../../fixtures");

test("every shell script of the demo system passes shellcheck", (t) => {
  const folders = ["system/scripts", "system/build"].map((folder) => join(fixtures, folder));
  const scripts = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const shell = scripts.filter((file) => file.endsWith(".sh"));
  t.true(shell.length > 20);
  const callers = ["build", "fetch", "suite.sh"].map((name) => join(fixtures, name));
  t.notThrows(() => command("shellcheck", ...callers, ...shell));
});
