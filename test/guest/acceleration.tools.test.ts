import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { chooseAcceleration } from "../../src/guest/acceleration.ts";
import { temporaryFolder } from "../image/folder.ts";

const architecture = process.arch === "arm64" ? "aarch64" : "x86_64";
const other = architecture === "x86_64" ? "aarch64" : "x86_64";

/** Puts a QEMU of our own in front of PATH, which does what the shell says and counts its starts. */
function fakeQemu(t: ExecutionContext, script: string) {
  const folder = temporaryFolder(t);
  const starts = join(folder, "starts");
  mkdirSync(join(folder, "bin"));
  const program = `#!/bin/sh\necho $$ >>'${starts}'\n${script}\n`;
  writeFileSync(join(folder, `bin/qemu-system-${architecture}`), program, { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = `${join(folder, "bin")}${delimiter}${path}`;
  t.teardown(() => {
    process.env["PATH"] = path;
  });
  const pids = () => (existsSync(starts) ? readFileSync(starts, "utf8").trim().split("\n").map(Number) : []);
  // Our QEMU does not look at the device, so any that opens will do.
  return { circumstances: { architecture, cacheFolder: join(folder, "cache"), device: "/dev/null" } as const, pids };
}

function isRunning(pid: number): boolean {
  return (
    execFileSync("/bin/sh", ["-c", `kill -0 ${pid} 2>/dev/null && echo yes || echo no`], { encoding: "utf8" }) ===
    "yes\n"
  );
}

test.serial("tcg is taken without a question", async (t) => {
  const { circumstances, pids } = fakeQemu(t, "echo K");
  t.deepEqual(await chooseAcceleration("tcg", circumstances), { acceleration: "tcg" });
  t.deepEqual(pids(), []);
});

test.serial("another processor than this machine's is emulated", async (t) => {
  const { circumstances } = fakeQemu(t, "echo K");
  const chosen = await chooseAcceleration("auto", { ...circumstances, architecture: other });
  t.is(chosen.acceleration, "tcg");
  t.regex(chosen.note ?? "", /not this machine's processor/);
});

test.serial("KVM that hangs is given up in time, with no process and no file left", async (t) => {
  const before = readdirSync(tmpdir());
  const { circumstances, pids } = fakeQemu(t, "exec sleep 1000");
  const started = performance.now();
  const chosen = await chooseAcceleration("auto", circumstances);
  t.is(chosen.acceleration, "tcg");
  t.regex(chosen.note ?? "", /hung for 3 s/);
  t.true(performance.now() - started < 6000);
  for (const pid of pids()) t.false(isRunning(pid));
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith(`.mkimage-${process.pid}-`));
  t.deepEqual(
    left.filter((name) => !before.includes(name)),
    [],
  );
});

test.serial("the answer is remembered", async (t) => {
  const { circumstances, pids } = fakeQemu(t, "echo K");
  t.deepEqual(await chooseAcceleration("auto", circumstances), { acceleration: "kvm" });
  t.deepEqual(await chooseAcceleration("auto", circumstances), { acceleration: "kvm" });
  t.is(pids().length, 1);
});

test.serial("KVM that was asked for and does not work is an error", async (t) => {
  const { circumstances } = fakeQemu(t, "exit 1");
  await t.throwsAsync(chooseAcceleration("kvm", circumstances), { code: "GUEST_FAILED", message: /could not start/ });
});

test.serial("without the device nothing is started", async (t) => {
  const { circumstances, pids } = fakeQemu(t, "echo K");
  const chosen = await chooseAcceleration("auto", { ...circumstances, device: "/dev/no-kvm" });
  t.regex(chosen.note ?? "", /\/dev\/no-kvm is not there/);
  t.deepEqual(pids(), []);
});

test.serial("this machine's own QEMU answers in time", async (t) => {
  const started = performance.now();
  const chosen = await chooseAcceleration("auto", { architecture, cacheFolder: temporaryFolder(t) });
  t.true(["kvm", "tcg"].includes(chosen.acceleration));
  t.true(performance.now() - started < 10_000);
});
