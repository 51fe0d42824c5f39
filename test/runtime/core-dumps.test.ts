import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import test from "ava";
import { refuseCoreDumps } from "../../src/runtime/core-dumps.ts";

const limitOf = (text: string): (string | undefined)[] =>
  /^Max core file size +(\S+) +(\S+)/m.exec(text)?.slice(1) ?? [];

test("no program that is started leaves a core dump, and it may be allowed one again", (t) => {
  const [, hard] = limitOf(readFileSync("/proc/self/limits", "utf8"));
  refuseCoreDumps();
  refuseCoreDumps();
  const limits = execFileSync("cat", ["/proc/self/limits"], { encoding: "utf8" });
  t.deepEqual(limitOf(limits), [hard === "0" ? "0" : "1", hard]);
});
