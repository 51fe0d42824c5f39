import { copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { runMkimage } from "./mkimage.ts";

const project = join(import.meta.dirname, "../..");
const environment = { NODE_DEBUG: "mkimage" };

test("the program starts with what was compiled when it was built", async (t) => {
  const { stdout, stderr, exitCode } = await runMkimage(["--version"], { environment });
  t.is(exitCode, 0);
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
  t.regex(stderr, /what was compiled before is taken/);
});

const faults: Readonly<Record<string, (file: string) => void>> = {
  "is missing": (file) => rmSync(file),
  "is something else": (file) => copyFileSync(join(project, "package.json"), file),
};

for (const [fault, spoil] of Object.entries(faults)) {
  test(`it starts where what was compiled ${fault}`, async (t) => {
    const folder = installedIn(mkdtempSync(join(tmpdir(), "mkimage-start-")));
    t.teardown(() => rmSync(folder, { recursive: true }));
    spoil(join(folder, "dist/mkimage.cjs.compiled"));
    const through = ["/bin/sh", "-c", 'exec "$0" "$2"', join(folder, "bin/mkimage")];
    const { stdout, stderr, exitCode } = await runMkimage(["--version"], { environment, through });
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
    t.regex(stderr, /what was compiled before is not taken/);
  });
}

/** A copy of the program, with a link to its Node. */
function installedIn(folder: string): string {
  for (const part of ["bin", "vm", "package.json"])
    cpSync(join(project, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, "dist"));
  for (const name of ["start.cjs", "mkimage.cjs", "mkimage.cjs.compiled", "thread-main.cjs"]) {
    copyFileSync(join(project, "dist", name), join(folder, "dist", name));
  }
  symlinkSync(realpathSync(join(project, "dist/node")), join(folder, "dist/node"));
  return folder;
}
