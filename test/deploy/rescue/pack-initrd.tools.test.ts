import { execFileSync } from "node:child_process";
import test from "ava";
import { packInitrd } from "../../../src/deploy/rescue/pack-initrd.ts";

const archive = Buffer.from("070701".repeat(1000));

for (const [release, program] of [
  ["6.12.3", "zstd"],
  ["5.10.0-8-amd64", "zstd"],
  ["5.9", "zstd"],
  ["5.4.200", "gzip"],
  ["4.19.0-27-amd64", "gzip"],
] as const) {
  test(`an initrd for Linux ${release} is packed by ${program}`, async (t) => {
    const packed = await packInitrd(archive, release);
    t.deepEqual(execFileSync(program, ["-dc"], { input: packed }), archive);
  });
}
