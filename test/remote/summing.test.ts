import { execFileSync } from "node:child_process";
import test from "ava";
import { summingBy } from "../../src/remote/summing.ts";
import { findTool } from "../../src/runtime/tools.ts";

const machines = {
  "one that has both": { tools: ["b2sum", "sha256sum"], program: "b2sum" },
  "one of busybox": { tools: ["sha256sum"], program: "sha256sum" },
} as const;
for (const [name, { tools, program }] of Object.entries(machines)) {
  test(`sums for ${name} are those of its ${program}`, (t) => {
    const summing = summingBy(new Set(tools));
    t.is(summing.program, program);
    const input = Buffer.from("what was sent");
    const [printed = ""] = execFileSync(findTool(program), { input, encoding: "utf8" }).split(" ");
    t.is(summing.sum(input), printed);
  });
}
