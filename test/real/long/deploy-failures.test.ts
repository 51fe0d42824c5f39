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

/** Runs a command, and does something once each time that it has said more. */
async function whenSaid(
  words: readonly string[],
  acts: readonly (readonly [said: RegExp, act: (interrupt: () => void) => Promise<void> | void])[],
): Promise<Run> {
  const left = [...acts];
  let [heard, acting]: [string, Promise<void>] = ["", Promise.resolve()];
  const onStart = (child: ChildProcess) =>
    child.stderr?.on("data", (text) => {
      heard += String(text);
      for (let next = left[0]; next !== undefined && next[0].test(heard); next = left[0]) {
        const [, act] = left.shift() as (typeof acts)[number];
        acting = acting.then(() => act(() => void child.kill("SIGINT")));
      }
    });
  const run = await runMkimage([...words, "--verbose"], { onStart });
  await acting;
  return run;
}

/** Ctrl-C, with what the command has to be at. */
const interruptAt = (said: RegExp) => [said, (interrupt: () => void) => interrupt()] as const;

test.serial("Ctrl-C in any phase leaves what it says, and the same command goes on from there", async (t) => {
  const target = await startTarget(t, { firmware: "efi" });
  await target.answers();
  const words = [...deployTo(target, system, ["--partition", "efi"]), consent];
  const boot = await target.ssh("cat /proc/sys/kernel/random/boot_id");
  const isDebian = async () => (await target.ssh("cat /etc/os-release")).includes("Debian");
  const isInterrupted = (run: Run, state: RegExp) => {
    t.log(run.stderr.slice(-400), run.stdout);
    t.is(run.exitCode, 130, run.stderr);
    t.regex(run.stdout, state);
  };

  isInterrupted(await whenSaid(words, [interruptAt(/Looking at the target \.\.\./)]), /nothing was changed there/);
  isInterrupted(await whenSaid(words, [interruptAt(/sending the rescue system \.\.\./)]), /its disks are as they were/);
  t.true(await isDebian());
  t.is(await target.ssh("cat /proc/sys/kernel/random/boot_id"), boot);
  t.is((await target.ssh("ls /run /dev/shm | grep -c mkimage || true")).trim(), "0");

  isInterrupted(
    await whenSaid(words, [interruptAt(/waiting for the rescue system \.\.\./)]),
    /its disks are as they were/,
  );
  await target.says(/mkimage-rescue|Linux version[^]*Linux version/);
  await target.answers();
  t.is((await target.ssh("head -n 1 /etc/mkimage-rescue")).split(" ")[0], "version");

  const read = await whenSaid(words, [interruptAt(/reading back \.\.\./)]);
  isInterrupted(read, /what was on its disks is lost in part/);
  const first = await whenSaid(words, [interruptAt(/writing the first blocks \.\.\./)]);
  isInterrupted(first, /its disks are complete; restart it/);
  t.is((await target.ssh("head -n 1 /etc/mkimage-rescue")).split(" ")[0], "version");

  const proof = await whenSaid(words, [interruptAt(/Waiting for the new system \.\.\./)]);
  isInterrupted(proof, /its disks are complete and it was restarted/);
  await target.answers();
  const whole = await mkimage(t, [...words, "--phases", "prove"]);
  t.regex(whole.stdout, new RegExp(`runs ${demoSystem(system)}, up for`));
});

test.serial("a disk that changes what was written to it is found out, and nothing starts from it", async (t) => {
  const target = await startTarget(t, { firmware: "efi" });
  await target.answers();
  const words = [...deployTo(target, system, ["--partition", "efi"]), consent];
  // While nothing runs there: a sector in each 2 MiB, of which some lie in files.
  const change = async () => {
    await target.order("stop");
    for (let at = 8; at < 512; at += 2) {
      const write = { "command-line": `qemu-io disk0 "write -P 0x5a ${at}M 512"` };
      t.regex(String(await target.order("human-monitor-command", write)), /^(?!.*(?:rror|ailed))/);
    }
    await target.order("cont");
  };
  const lied = await whenSaid(words, [[/reading back \.\.\./, change]]);
  t.is(lied.exitCode, 16, lied.stderr);
  t.regex(lied.stderr, /\/dev\/vda does not hold what was written between the bytes \d+ and \d+/);
  t.regex(lied.stderr, /what was on its disks is lost in part; the same command goes on from here/);
  t.is((await target.ssh("blkid -p /dev/vda || wipefs --no-act /dev/vda")).trim(), "");

  const whole = await mkimage(t, words);
  t.regex(whole.stdout, new RegExp(`runs ${demoSystem(system)}, up for`));
});

test.serial(
  "a system that does not answer after its restart is told with what was last seen, and proven later",
  async (t) => {
    const target = await startTarget(t, { firmware: "efi" });
    await target.answers();
    const words = [...deployTo(target, system, ["--partition", "efi"]), consent];
    const unplug = async () => void (await target.order("set_link", { name: "net", up: false }));
    const silent = await whenSaid([...words, "--boot-deadline", "60"], [[/Waiting for the new system \.\.\./, unplug]]);
    t.log(silent.stderr.slice(-600));
    t.is(silent.exitCode, 19, silent.stderr);
    t.regex(silent.stderr, /the new system did not answer within 60 s/);
    t.regex(silent.stderr, /last seen: nothing answers/);
    t.regex(silent.stderr, /its disks are complete and it was restarted/);
    await target.order("set_link", { name: "net", up: true });
    const proven = await mkimage(t, [...words, "--phases", "prove"]);
    t.regex(proven.stdout, new RegExp(`runs ${demoSystem(system)}, up for`));
  },
);

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
