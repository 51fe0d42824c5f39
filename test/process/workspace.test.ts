import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { removeLeftovers } from "../../src/process/workspace.ts";

test("what a process left is removed when it has ended, also while its parent has not noticed", async (t) => {
  const parent = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  // A shell that becomes a program which asks for no child; the child ends when its input does.
  const shell = spawn("sh", ["-c", "exec 3<&0; cat <&3 & echo $!; exec sleep 60 3<&-"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.teardown(() => {
    shell.kill("SIGKILL");
    rmSync(parent, { recursive: true });
  });
  const [line] = (await once(shell.stdout, "data")) as [Buffer];
  const pid = Number(line);
  const left = join(parent, `.mkimage-${pid}-xyz`);
  mkdirSync(left);
  removeLeftovers(parent);
  t.true(existsSync(left), "it still runs");
  shell.stdin.end();
  while (!/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1")))
    await new Promise((resolve) => setTimeout(resolve, 10));
  t.notThrows(() => process.kill(pid, 0), "its number is still taken");
  removeLeftovers(parent);
  t.false(existsSync(left));
});
