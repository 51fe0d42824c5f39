import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { linkPlainPrograms } from "./plain-programs.ts";

test("a shell finds plain programs there, and no other, also when the folder is there", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-programs-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  linkPlainPrograms(folder);
  const found = execFileSync("sh", ["-c", "command -v sha256sum e2fsck mke2fs qemu-img nix; true"], {
    env: { PATH: linkPlainPrograms(folder) },
    encoding: "utf8",
  });
  t.is(found.trim(), join(folder, "sha256sum"));
});
