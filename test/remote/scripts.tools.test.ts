import { execFileSync } from "node:child_process";
import test from "ava";
import { findRootScript } from "../../src/remote/scripts/find-root.ts";
import { claimScript } from "../../src/remote/scripts/claim.ts";
import { deviceFactsScript } from "../../src/remote/scripts/device-facts.ts";
import { readBackScript } from "../../src/remote/scripts/read-back.ts";
import { receiveScript } from "../../src/remote/scripts/receive.ts";
import { rereadScript } from "../../src/remote/scripts/reread.ts";

for (const [name, script] of Object.entries({
  claimScript,
  deviceFactsScript,
  findRootScript,
  readBackScript,
  receiveScript,
  rereadScript,
})) {
  test(`${name} is POSIX's shell, and shellcheck finds nothing`, (t) => {
    t.notThrows(() => execFileSync("shellcheck", ["--shell=sh", "-"], { input: script }));
    t.notThrows(() => execFileSync("dash", ["-n"], { input: script }));
    t.notThrows(() => execFileSync("busybox", ["sh", "-n"], { input: script }));
  });
}
