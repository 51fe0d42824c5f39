import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import type { GuestJob, JobStep } from "../../src/guest/job.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import { type GuestMachine, runGuest, type RunGuestOptions } from "../../src/guest/run-guest.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { demoSystem } from "./fixtures-build.ts";

const folder = mkdtempSync(join(tmpdir(), "mkimage-guest-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const machine = (): GuestMachine => ({
  architecture: "x86_64",
  acceleration: "tcg",
  kernel: chooseKernel({ toplevel: demoSystem("grub"), needs: [] }),
  disks: [],
});

function shell(title: string, script: string): JobStep {
  return { title, argv: ["sh", "-c", script] };
}

let runs = 0;

/** Runs a job with places of its own for the log and the results. */
function runJob(job: GuestJob, options: Partial<RunGuestOptions> = {}) {
  runs += 1;
  const places = { logPath: join(folder, `log${runs}`), resultsPath: join(folder, `results${runs}`) };
  return { ...places, result: runGuest(machine(), job, { ...places, deadlineSeconds: 120, ...options }) };
}

/** The error of a job that fails, after looking at what is left of it. */
async function failureOf(t: ExecutionContext, job: GuestJob, options: Partial<RunGuestOptions> = {}) {
  const { result, logPath, resultsPath } = runJob(job, options);
  const error = (await t.throwsAsync(result)) as MkimageError;
  t.false(existsSync(resultsPath));
  t.is(existsSync(logPath), error.code !== "INTERRUPTED");
  t.deepEqual(leftovers(process.pid), []);
  return { error, logPath };
}

/** Temporary folders and QEMUs of a process. */
function leftovers(pid: number): string[] {
  const folders = ["/tmp", tmpdir(), "/dev/shm"].flatMap((place) => readdirSync(place));
  const machines = execFileSync("/bin/sh", ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"], {
    encoding: "utf8",
  });
  const mark = `.mkimage-${pid}-`;
  return [...folders.filter((name) => name.startsWith(mark)), ...(machines.includes(mark) ? ["a QEMU"] : [])];
}

test.serial("a guest runs the steps of a job in order, and gives back what they leave", async (t) => {
  const titles: string[] = [];
  const job: GuestJob = {
    steps: [
      {
        title: "read the input",
        argv: ["cp", "/dev/stdin", "/results/files/input"],
        input: Buffer.from("the input\n"),
      },
      shell(
        "read the files",
        "cat /job/files/plain /job/keys/secret >/results/files/read; stat -c %a /job/keys/secret",
      ),
      { title: "hostile words", argv: ["printf", "%s\\n", "it's", "-n", "two\nlines", "größe"] },
    ],
    files: [{ path: "files/plain", bytes: Buffer.from("plain ") }],
    secrets: [{ path: "keys/secret", bytes: Buffer.from("secret") }],
  };
  const { result, logPath } = runJob(job, { onStep: (title) => titles.push(title) });
  const { results } = await result;
  const text = (path: string) => {
    const inode = lookUp(results, path);
    return inode?.type === "file" ? contentOf(inode).toString("utf8") : undefined;
  };
  t.is(text("files/input"), "the input\n");
  t.is(text("files/read"), "plain secret");
  t.is(text("step/1/output"), "600\n");
  t.is(text("step/2/output"), "it's\n-n\ntwo\nlines\ngröße\n");
  t.deepEqual(titles, ["read the input", "read the files", "hostile words"]);
  t.false(readFileSync(logPath, "utf8").includes("plain secret"));
  t.deepEqual(leftovers(process.pid), []);
});

test.serial("a guest finds its disks by their serial numbers, and its clock is the one it was given", async (t) => {
  const path = join(folder, "disk.raw");
  writeFileSync(path, Buffer.alloc(1024 * 1024, "d"));
  const disk = { path, format: "raw", serial: "mine", access: "read-only", sectorSize: 4096 } as const;
  const job = {
    steps: [
      shell(
        "look",
        'd=$(/vm/disk mine); head -c 4 "$d"; cat /sys/block/${d##*/}/queue/logical_block_size; date -u +%Y',
      ),
      shell("write", '! dd if=/dev/zero of="$(/vm/disk mine)" bs=4096 count=1 conv=fsync'),
    ],
  };
  const places = { logPath: join(folder, "log-disk"), resultsPath: join(folder, "results-disk"), deadlineSeconds: 120 };
  const { results } = await runGuest({ ...machine(), disks: [disk], clock: 1_000_000_000 }, job, places);
  const output = lookUp(results, "step/0/output");
  t.is(output?.type === "file" ? contentOf(output).toString() : "", "dddd4096\n2001\n");
});

test.serial("a step that fails is named with its exit code, its last lines and its own kind of error", async (t) => {
  const job: GuestJob = {
    steps: [
      { ...shell("install the bootloader", "echo the device is not there >&2; exit 3"), failure: "INSTALLER_FAILED" },
      shell("never begun", "touch /results/files/never"),
    ],
  };
  const { error, logPath } = await failureOf(t, job);
  t.is(error.code, "INSTALLER_FAILED");
  t.is(error.message, '"install the bootloader" failed in the guest with exit code 3');
  t.deepEqual(error.details, ["the device is not there", `the whole log: ${logPath}`]);
});

test.serial("a guest that hangs is ended in time, and the step is named", async (t) => {
  const { error } = await failureOf(
    t,
    { steps: [shell("wait for ever", "echo waiting; sleep 100000")] },
    { deadlineSeconds: 25 },
  );
  t.is(error.code, "GUEST_TIMED_OUT");
  t.is(error.message, 'the guest did not end within 25 s at "wait for ever"');
  t.true(error.details.includes("waiting"));
});

test.serial("a kernel that panics is told from a guest that hangs", async (t) => {
  const { error } = await failureOf(t, { steps: [shell("crash", "echo c >/proc/sysrq-trigger")] });
  t.is(error.code, "GUEST_FAILED");
  t.is(error.message, `the guest's kernel panicked at "crash": sysrq triggered crash`);
});

test.serial("a guest that ends before its job is told from both", async (t) => {
  const { error } = await failureOf(t, { steps: [shell("leave", "poweroff -f")] });
  t.is(error.code, "GUEST_FAILED");
  t.is(error.message, 'the guest ended too early at "leave": it said no reason');
});

test.serial("results that do not fit on their disk are an error", async (t) => {
  const job: GuestJob = {
    steps: [shell("fill", "dd if=/dev/urandom of=/results/files/big bs=64k count=32")],
    resultsLimit: 1024 * 1024,
  };
  const { error } = await failureOf(t, job);
  t.regex(error.message, /the results do not fit on their disk/);
});

test.serial("an interrupted guest is gone at once", async (t) => {
  const interrupt = new AbortController();
  const job = { steps: [shell("wait for ever", "sleep 100000")] };
  const { error } = await failureOf(t, job, { signal: interrupt.signal, onStep: () => interrupt.abort() });
  t.is(error.code, "INTERRUPTED");
});

test.serial("a guest dies with the process that started it, even when that is killed", async (t) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "guest-killed.ts"), demoSystem("grub"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const chunk of child.stdout) if (String(chunk).includes("begun")) break;
  t.true(leftovers(Number(child.pid)).includes("a QEMU"));
  child.kill("SIGKILL");
  await once(child, "exit");
  for (let waited = 0; waited < 50 && leftovers(Number(child.pid)).includes("a QEMU"); waited += 1) await sleep(100);
  t.false(leftovers(Number(child.pid)).includes("a QEMU"));
  // Its folder is found by its name and pid, and the next run removes it.
  await t.throwsAsync(runJob({ steps: [shell("fail", "exit 1")] }).result);
  t.deepEqual(leftovers(Number(child.pid)), []);
});
