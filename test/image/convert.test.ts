import test from "ava";
import { convert, convertArguments, progressOf } from "../../src/image/convert.ts";
import { GiB, TiB } from "../../src/layout/units.ts";

const identity = { uuid: () => "00112233-4455-8677-8899-aabbccddeeff", time: 1 };

for (const [format, words] of [
  ["vdi", ["-O", "vdi"]],
  ["vpc", ["-O", "vpc", "-o", "subformat=dynamic,force_size=on"]],
  ["vpc-fixed", ["-O", "vpc", "-o", "subformat=fixed,force_size=on"]],
  ["vhdx", ["-O", "vhdx", "-o", "subformat=dynamic"]],
  ["vmdk", ["-O", "vmdk", "-o", "subformat=streamOptimized,adapter_type=lsilogic"]],
] as const) {
  test(`${format} is asked for exactly`, (t) => {
    const conversion = { source: "/a b/disk.raw", target: "/out/disk", format };
    t.deepEqual(convertArguments(conversion), ["convert", "-p", "-f", "raw", ...words, "/a b/disk.raw", "/out/disk"]);
  });
}

test("paths that look like options or protocols are made absolute", (t) => {
  const words = convertArguments({ source: "-x", target: "nbd:localhost", format: "vdi" });
  t.deepEqual(words.slice(-2), [`${process.cwd()}/-x`, `${process.cwd()}/nbd:localhost`]);
});

test("progress is the last percentage of a piece of output", (t) => {
  t.is(progressOf("\r    (1.17/100%)\r    (2.34/100%)"), 2.34);
  t.is(progressOf("    (100.00/100%)\r\n"), 100);
  t.is(progressOf("    (3."), undefined);
});

test("a size that the format cannot hold is refused before anything runs", async (t) => {
  for (const [format, size] of [
    ["vpc", 2040 * GiB + 512],
    ["vhdx", 65 * TiB],
    ["vdi", 1000],
  ] as const) {
    const conversion = { source: "/none", target: "/none", format };
    await t.throwsAsync(convert(conversion, size, identity), { code: "BAD_REQUEST", message: new RegExp(format) });
  }
});
