import { execFileSync } from "node:child_process";
import test from "ava";
import { targetFactsScript } from "../../../src/deploy/facts/facts-script.ts";
import { hostKeysScript } from "../../../src/deploy/facts/host-keys-script.ts";

for (const [name, script] of Object.entries({ targetFactsScript, hostKeysScript })) {
  test(`${name} is POSIX's shell, and shellcheck finds nothing`, (t) => {
    t.notThrows(() => execFileSync("shellcheck", ["--shell=sh", "-"], { input: script }));
    t.notThrows(() => execFileSync("dash", ["-n"], { input: script }));
    t.notThrows(() => execFileSync("busybox", ["sh", "-n"], { input: script }));
  });
}
