import test from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { requireMeans } from "../../src/machine/require-means.ts";
import { step } from "../../src/steps/step.ts";

test("missing tools are named with their packages, all at once", (t) => {
  const steps = [step("x", "a", [], ["bcachefs"]), step("x", "b", [], ["mkfs.nosuch"]), step("x", "c", [], ["dd"])];
  const error = t.throws<MkimageError>(() => requireMeans(steps));
  t.is(error.code, "MISSING_TOOL");
  t.true(error.message.endsWith("bcachefs, mkfs.nosuch"));
  t.true(error.details[0]?.includes("apt-get install bcachefs-tools"));
});

test("what the kernel has is mounted without a word", (t) => {
  const types = ["proc", "tmpfs", "auto", "none"];
  t.notThrows(() => requireMeans(types.map((type) => step("x", type, [], ["mount", "-t", type, "x", "/mnt"]))));
});
