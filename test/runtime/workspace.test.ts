import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { removeLeftovers } from "../../src/runtime/leftovers.ts";
import { openWorkspace } from "../../src/runtime/workspace.ts";

test("what a process left is removed when it has ended, also while its parent has not noticed", async (t) => {
  const parent = temporaryFolder(t);
  // A shell that becomes a program which asks for no child; the child ends when its input does.
  const shell = spawn("sh", ["-c", "exec 3<&0; cat <&3 & echo $!; exec sleep 60 3<&-"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.teardown(() => void shell.kill("SIGKILL"));
  const [line] = (await once(shell.stdout, "data")) as [Buffer];
  const pid = Number(line);
  const left = join(parent, `.mkimage-${pid}-${startOf(pid)}-xyz`);
  mkdirSync(left);
  removeLeftovers(parent);
  t.true(existsSync(left), "it still runs");
  shell.stdin.end();
  while (!/\) Z/.test(statusOf(pid))) await new Promise((resolve) => setTimeout(resolve, 10));
  t.notThrows(() => process.kill(pid, 0), "its number is still taken");
  removeLeftovers(parent);
  t.false(existsSync(left));
});

test("what a process left is removed when another has its number by now", (t) => {
  const parent = temporaryFolder(t);
  mkdirSync(join(parent, `.mkimage-${process.pid}-${startOf(process.pid) - 1}-xyz`));
  removeLeftovers(parent);
  t.deepEqual(readdirSync(parent), []);
});

test("what a process in a container works on stays, whatever its number is there", async (t) => {
  const parent = temporaryFolder(t);
  const [locked, free] = [join(parent, ".mkimage-1-1-locked"), join(parent, ".mkimage-1-1-free")];
  for (const folder of [locked, free]) mkdirSync(folder);
  const holder = spawn("flock", [locked, "sh", "-c", "echo locked; exec sleep 60"], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  t.teardown(() => process.kill(-(holder.pid as number), "SIGKILL"));
  await once(holder.stdout, "data");
  removeLeftovers(parent);
  t.deepEqual(readdirSync(parent), [".mkimage-1-1-locked"]);
});

test("a workspace is its process's own until it is removed", async (t) => {
  const parent = temporaryFolder(t);
  const workspace = await openWorkspace(parent);
  removeLeftovers(parent);
  t.true(existsSync(workspace.folder));
  const tried = spawn("flock", ["--nonblock", workspace.folder, "true"]);
  t.deepEqual(await once(tried, "close"), [1, null], "it is locked");
  workspace.remove();
  t.deepEqual(readdirSync(parent), []);
});

test("every start looks for secrets that were left in memory", async (t) => {
  const [parent, memory] = [temporaryFolder(t), temporaryFolder(t)];
  const before = process.env["XDG_RUNTIME_DIR"];
  process.env["XDG_RUNTIME_DIR"] = memory;
  t.teardown(() => {
    delete process.env["XDG_RUNTIME_DIR"];
    if (before !== undefined) process.env["XDG_RUNTIME_DIR"] = before;
  });
  mkdirSync(join(memory, ".mkimage-1-1-xyz"));
  writeFileSync(join(memory, ".mkimage-1-1-xyz/initrd"), "a secret");
  (await openWorkspace(parent)).remove();
  t.deepEqual(readdirSync(memory), []);
});

test("leftovers that cannot be removed are no reason to fail", (t) => {
  const parent = temporaryFolder(t);
  writeFileSync(join(parent, ".mkimage-1-1-file"), "");
  t.notThrows(() => removeLeftovers(parent));
  t.notThrows(() => removeLeftovers(join(parent, "gone")));
});

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function startOf(pid: number): number {
  const text = statusOf(pid);
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[19]);
}

function statusOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, "latin1");
}
