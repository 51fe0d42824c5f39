import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { runMkimage, testFolder } from "./mkimage.ts";

// Options for Nix reach every evaluation and every build of every verb that has them.

const words = ["--impure", "--show-trace", "--override-input", "nixpkgs", "path:/nowhere", "--option", "cores", "1"];
const calls: readonly (readonly string[])[] = [
  ["build", ".#web", ...words],
  ["plan", ".#web", ...words],
  ["install", ".#web", "--dry-run", ...words],
  ["disko", "--dry-run", "--flake", ".#web", ...words],
];

for (const [verb = "", ...rest] of calls) {
  test(`${verb} passes its options for Nix on`, async (t) => {
    const folder = testFolder(t);
    const log = join(folder, "log");
    // It fails, as a Nix that cannot evaluate does.
    const nix = join(folder, "nix");
    writeFileSync(
      nix,
      `#!/bin/sh\n{ printf '%s' "$*" | tr '\\n' ' '; echo; } >>'${log}'\necho 'error: no such flake' >&2\nexit 1\n`,
    );
    chmodSync(nix, 0o755);
    const environment = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
    const run = await runMkimage([verb, ...rest], { environment });
    t.is(run.exitCode, 3, run.stderr);
    const asked = readFileSync(log, "utf8").trim().split("\n");
    t.true(asked.length > 0);
    for (const line of asked) for (const word of words) t.true(line.includes(` ${word}`), `${word} in ${line}`);
  });
}
