import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readlinkSync, realpathSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { testFolder } from "./mkimage.ts";

const project = join(import.meta.dirname, "../..");
const node = realpathSync(process.execPath);

/** Has make choose a Node, where npm's is this script, and gives the choice. */
function chosen(t: ExecutionContext, npmNode: string): string {
  const folder = testFolder(t);
  const programs = join(folder, "node_modules/.bin");
  for (const path of [programs, join(folder, "src"), join(folder, "machine")]) mkdirSync(path, { recursive: true });
  copyFileSync(join(project, "Makefile"), join(folder, "Makefile"));
  for (const name of ["package.json", "package-lock.json"]) writeFileSync(join(folder, name), "{}");
  const later = Date.now() / 1000 + 60;
  const installed = join(folder, "node_modules/.installed");
  writeFileSync(installed, "");
  utimesSync(installed, later, later);
  writeFileSync(join(programs, "node"), npmNode, { mode: 0o755 });
  symlinkSync(node, join(folder, "machine/node"));
  execFileSync("make", ["dist/node"], {
    cwd: folder,
    env: { PATH: `${join(folder, "machine")}:/usr/bin:/bin` },
    stdio: ["ignore", "ignore", "pipe"],
  });
  return readlinkSync(join(folder, "dist/node")).replace(`${realpathSync(folder)}/`, "");
}

for (const [what, npmNode, expected] of [
  ["npm's Node where that runs", `#!/bin/sh\nexec ${node} "$@"\n`, "node_modules/.bin/node"],
  ["the machine's Node where npm's does not run, as on NixOS", "#!/no/loader\n", node],
  ["the machine's Node where npm's is too old", "#!/bin/sh\nexit 1\n", node],
] as const) {
  test(`make takes ${what}`, (t) => {
    t.is(chosen(t, npmNode), expected);
  });
}
