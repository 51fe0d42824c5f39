import { execFileSync } from "node:child_process";
import test from "ava";
import fc from "fast-check";
import { provingSum, recognisingSum } from "../../src/remote/summing.ts";
import { findTool } from "../../src/runtime/tools.ts";

const machines = {
  "one that has all": { tools: ["b2sum", "cksum", "sha256sum"], proving: "cksum", recognising: "b2sum" },
  "one without cksum": { tools: ["b2sum", "sha256sum"], proving: "b2sum", recognising: "b2sum" },
  "one of busybox": { tools: ["sha256sum"], proving: "sha256sum", recognising: "sha256sum" },
} as const;
for (const [name, { tools, proving, recognising }] of Object.entries(machines)) {
  test(`sums for ${name} are those of its ${proving} and ${recognising}`, (t) => {
    const known = new Set<string>(tools);
    const sums = [
      { program: proving, summing: provingSum(known) },
      { program: recognising, summing: recognisingSum(known) },
    ] as const;
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.constantFrom(new Uint8Array(70_000), new Uint8Array(131_072).fill(7)),
    );
    const isPrinted = fc.property(input, fc.constantFrom(...sums), (bytes, { program, summing }) => {
      t.is(summing.program, program);
      const [printed = ""] = execFileSync(findTool(program), { input: bytes, encoding: "utf8" }).split(" ");
      t.is(summing.sum(bytes), printed);
    });
    fc.assert(isPrinted, { numRuns: 20 });
  });
}
