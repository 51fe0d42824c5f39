import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { swapHeader } from "../../../src/filesystems/swap/header.ts";
import { MiB } from "../../../src/base/units.ts";

const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const identity = { uuid: "0f3b5ac1-8d4e-4c62-9f0a-2b7c1d9e4a55", label: "swap" };

test("the header is the one that mkswap writes", (t) => {
  const [ours, theirs] = [join(folder, "ours"), join(folder, "theirs")];
  for (const path of [ours, theirs]) writeFileSync(path, "");
  writeFileSync(ours, swapHeader(7 * MiB + 4096, identity));
  for (const path of [ours, theirs]) truncateSync(path, 7 * MiB + 4096);
  execFileSync("/sbin/mkswap", ["-q", "-U", identity.uuid, "-L", identity.label, theirs], { stdio: "ignore" });
  t.notThrows(() => execFileSync("cmp", [ours, theirs]));
});

test("what mkswap would refuse is refused with the least size", (t) => {
  t.throws(() => swapHeader(9 * 4096, identity), { message: /too small/ });
});
