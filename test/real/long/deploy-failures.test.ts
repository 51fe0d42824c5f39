import type { ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import test from "ava";
import { MiB } from "../../../src/base/units.ts";
import { deployTo } from "../deploy-command.ts";
import { demoSystem, mkimage, type Run, runMkimage } from "../mkimage.ts";
import { startTarget, type TargetMachine } from "../target-machine.ts";

// Failures half-way, and what is left then. Minutes each.

const system = "systemd-boot-ssh";
const consent = "--yes-wipe-all-disks";

/**
 * Runs a command, and does something as soon as that much more was written to the target's disks. The first MiB are those by which both ends
 * are cleared.
 */
async function whenWritten(
  target: TargetMachine,
  words: readonly string[],
  bytes: number,
  act: (interrupt: () => void) => Promise<void> | void,
): Promise<Run> {
  const before = await written(target);
  const started: ChildProcess[] = [];
  const run = runMkimage(words, { onStart: (child) => void started.push(child) });
  const isOver = () => started.some(({ exitCode }) => exitCode !== null);
  while (!isOver() && (await written(target)) < before + bytes) await pause(100);
  if (!isOver()) await act(() => started.forEach((child) => child.kill("SIGINT")));
  return await run;
}

/** The bytes that the target has written to its disks since it was switched on. */
async function written(target: TargetMachine): Promise<number> {
  const drives = (await target.order("query-blockstats")) as { qdev?: string; stats: { wr_bytes: number } }[];
  return drives.reduce((sum, { stats }) => sum + stats.wr_bytes, 0);
}

const sentIn = ({ stdout }: Run) => Number(/is main: ([\d.]+) MiB sent/.exec(stdout)?.[1] ?? Number.NaN);

test.serial("a deployment that breaks off again and again goes on by the same command, up to its end", async (t) => {
  const target = await startTarget(t, { firmware: "efi" });
  await target.answers();
  const words = [...deployTo(target, system, ["--partition", "efi"]), consent];

  const interrupted = await whenWritten(target, words, 24 * MiB, (interrupt) => interrupt());
  t.is(interrupted.exitCode, 130, interrupted.stderr);
  t.regex(interrupted.stdout, /what was on its disks is lost in part; the same command goes on from here/);
  t.is((await target.ssh("head -n 1 /etc/mkimage-rescue")).split(" ")[0], "version");

  const cut = await whenWritten(target, words, 24 * MiB, async () => {
    await target.order("set_link", { name: "net", up: false });
  });
  t.is(cut.exitCode, 19, cut.stderr);
  t.regex(cut.stderr, /the same command goes on from here/);
  await target.order("set_link", { name: "net", up: true });
  await target.answers();

  const whole = await mkimage(t, words);
  t.log(interrupted.stderr, cut.stderr, whole.stdout);
  t.true(sentIn(whole) < 80, `${sentIn(whole)} MiB were sent, though a part was there`);
  t.regex(whole.stdout, new RegExp(`runs ${demoSystem(system)}, up for`));
  t.is((await target.ssh("readlink /run/current-system")).trim(), demoSystem(system));
});

test.serial("a machine whose new kernel gives up comes back with what it was, and is told so", async (t) => {
  const target = await startTarget(t, { firmware: "efi" });
  await target.answers();
  const boot = await target.ssh("cat /proc/sys/kernel/random/boot_id");
  const words = deployTo(target, "systemd-boot-ssh-without-init", ["--partition", "efi"]);
  const run = await runMkimage([...words, consent]);
  t.log(run.stderr);
  t.is(run.exitCode, 19, run.stderr);
  t.regex(run.stderr, /has started, but into its old system/);
  t.regex(run.stderr, /its disks are as they were/);
  t.regex(target.log(), /Kernel panic/);
  t.not(await target.ssh("cat /proc/sys/kernel/random/boot_id"), boot);
  t.regex(await target.ssh("cat /etc/os-release"), /Debian/);

  const unproven = await runMkimage([...words, "--phases", "facts,prove", "--boot-deadline", "20"]);
  t.is(unproven.exitCode, 19, unproven.stderr);
  t.regex(unproven.stderr, /last seen: a system that is no NixOS runs/);
});
