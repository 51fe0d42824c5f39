import test from "ava";
import { convertArguments, progressOf } from "../../../src/image/formats/convert.ts";

test("paths that look like options or protocols are made absolute", (t) => {
  const words = convertArguments({ driver: "vdi", options: [] }, "-x", "nbd:localhost");
  t.deepEqual(words, [
    "convert",
    "-p",
    "-f",
    "raw",
    "-O",
    "vdi",
    `${process.cwd()}/-x`,
    `${process.cwd()}/nbd:localhost`,
  ]);
});

test("options are one word", (t) => {
  const words = convertArguments({ driver: "vpc", options: ["subformat=fixed", "force_size=on"] }, "/a b/raw", "/out");
  t.deepEqual(words.slice(4), ["-O", "vpc", "-o", "subformat=fixed,force_size=on", "/a b/raw", "/out"]);
});

test("progress is the last percentage of a piece of output", (t) => {
  t.is(progressOf("\r    (1.17/100%)\r    (2.34/100%)"), 2.34);
  t.is(progressOf("    (100.00/100%)\r\n"), 100);
  t.is(progressOf("    (3."), undefined);
});
