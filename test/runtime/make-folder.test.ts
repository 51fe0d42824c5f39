import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { makeFolder } from "../../src/runtime/make-folder.ts";
import { openWorkspace } from "../../src/runtime/workspace.ts";

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

test("a folder is made with those above it, and the outermost new one is told", (t) => {
  const top = folder(t);
  mkdirSync(join(top, "a"));
  t.is(makeFolder(join(top, "a/b/c")), join(top, "a/b"));
  t.true(statSync(join(top, "a/b/c")).isDirectory());
  t.is(makeFolder(join(top, "a/b/c")), undefined);
});

test("where nothing can be made it ends, and says so", (t) => {
  t.throws(() => makeFolder("/proc/none/deeper"), { code: "FILE_FAILED", message: "nothing can be made in /proc" });
  t.false(existsSync("/proc/none"));
});

test("a workspace cannot be there either", async (t) => {
  await t.throwsAsync(openWorkspace("/proc"), { code: "FILE_FAILED", message: "nothing can be made in /proc" });
});

test("what is in the way is named", (t) => {
  const top = folder(t);
  writeFileSync(join(top, "file"), "");
  symlinkSync("nowhere", join(top, "link"));
  for (const name of ["file", "link"])
    t.throws(() => makeFolder(join(top, name, "deeper")), { code: "EEXIST", message: new RegExp(name) });
});
