import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import { copyProgram } from "./copy-program.ts";
import { runMkimage, testFolder } from "./mkimage.ts";

const environment = { NODE_DEBUG: "mkimage" };

test("the program starts with what was compiled when it was built", async (t) => {
  const { stdout, stderr, exitCode } = await runMkimage(["--version"], { environment });
  t.is(exitCode, 0);
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
  t.regex(stderr, /what was compiled before is taken/);
});

const faults: Readonly<Record<string, (file: string) => void>> = {
  "is missing": (file) => rmSync(file),
  "is something else": (file) => copyFileSync(join(dirname(file), "../package.json"), file),
  "is cut off": (file) => writeFileSync(file, readFileSync(file).subarray(0, 3)),
  "is of a program as long as this one": (file) => {
    const program = join(dirname(file), "mkimage.cjs");
    writeFileSync(program, readFileSync(program, "utf8").replace("turns a NixOS", "makes a NixOS"));
  },
};

for (const [fault, spoil] of Object.entries(faults)) {
  test(`it starts where what was compiled ${fault}`, async (t) => {
    const program = copyProgram(testFolder(t));
    spoil(join(dirname(program), "../dist/mkimage.cjs.compiled"));
    const through = ["/bin/sh", "-c", 'exec "$0" "$2"', program];
    const { stdout, stderr, exitCode } = await runMkimage(["--version"], { environment, through });
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
    t.regex(stderr, /what was compiled before is not taken/);
  });
}
