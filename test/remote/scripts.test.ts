import { execFileSync } from "node:child_process";
import test from "ava";
import { findRoot } from "../../src/remote/connection.ts";
import { factsScript } from "../../src/remote/facts-script.ts";
import { forgetScript, readBackScript, receiveScript, rereadScript } from "../../src/remote/receive-script.ts";

for (const [name, script] of Object.entries({
  factsScript,
  findRoot,
  forgetScript,
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
