import { execFileSync, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { GiB } from "../../src/base/units.ts";
import { ask, judge, loopDevice, temporaryFolder } from "./loop-device.ts";
import { type Run, runMkimage } from "./mkimage.ts";
import { isLong } from "../together/is-long.ts";

// Programs that change disks of this machine, and are told to end while they do: by a terminal, a lost connection, whoever else, or killed.

const partitions = {
  grown: {
    root: { size: "300M", content: { type: "filesystem", format: "ext4", mountpoint: "/" } },
  },
  wanted: {
    root: { size: "700M", content: { type: "filesystem", format: "ext4", mountpoint: "/" } },
    home: { size: "400M", content: { type: "filesystem", format: "xfs", mountpoint: "/home" } },
  },
};

/**
 * A program that waits before it does its work: it is ended while it waits, if a signal reaches it. Only what changes a disk is
 * slow, not what asks it.
 */
function slowProgram(t: ExecutionContext, name: string, word: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-slow-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const real = execFileSync("which", [name], { encoding: "utf8" }).trim();
  const lines = [
    "#!/bin/sh",
    `case " $* " in *"${word}"*) ;; *) exec "${real}" "$@" ;; esac`,
    `echo > ${folder}/begun`,
    "sleep 2",
    `"${real}" "$@" || exit`,
    `echo > ${folder}/done`,
  ];
  writeFileSync(join(folder, name), lines.join("\n"));
  chmodSync(join(folder, name), 0o755);
  return folder;
}

interface Scene {
  readonly device: string;
  readonly apply: (options?: {
    readonly slow?: string;
    readonly onStart?: (child: ChildProcess) => void;
  }) => Promise<Run>;
  readonly assertFiles: () => void;
}

/** A disk with a filesystem that is to grow, and another that is to come behind it. */
async function scene(t: ExecutionContext): Promise<Scene> {
  const { path: device } = loopDevice(t, { size: 2 * GiB });
  const folder = temporaryFolder(t);
  const root = join(folder, "root");
  mkdirSync(root);
  t.teardown(() => void ask("umount", "--recursive", root));
  const saved: string[] = [];
  t.teardown(() => saved.forEach((path) => rmSync(path, { force: true })));
  const applyTree = async (tree: object, { slow, onStart }: Parameters<Scene["apply"]>[0] = {}): Promise<Run> => {
    const file = join(folder, "tree.json");
    writeFileSync(file, JSON.stringify({ disk: { main: { device, content: { type: "gpt", partitions: tree } } } }));
    const PATH = `${slow === undefined ? "" : `${slow}:`}${process.env["PATH"]}`;
    const words = ["disko", "--mode", "apply", "--root-mountpoint", root, file];
    const run = await runMkimage(words, { environment: { PATH }, through: ["setsid"], ...(onStart && { onStart }) });
    saved.push(...[...run.stdout.matchAll(/kept in (\S+);/g)].map(([, path]) => path as string));
    return run;
  };
  const made = await applyTree(partitions.grown);
  t.is(made.exitCode, 0, made.stderr);
  writeFileSync(join(root, "large"), Buffer.alloc(8 * 2 ** 20, "what is kept "));
  const sum = judge("md5sum", join(root, "large"));
  judge("umount", "--recursive", root);
  const assertFiles = (): void => void t.is(judge("md5sum", join(root, "large")), sum);
  return { device, apply: (options) => applyTree(partitions.wanted, options), assertFiles };
}

async function begun(folder: string): Promise<void> {
  for (let tries = 0; !existsSync(join(folder, "begun")); tries += 1) {
    if (tries > 600) throw new Error("the step has not begun within 60 s");
    await sleep(100);
  }
}

const interruptions = [
  ["SIGHUP", "resize2fs", " -f ", "group", 129],
  ["SIGINT", "sfdisk", " --force ", "group", 130],
  ["SIGTERM", "mkfs.xfs", "", "group", 143],
  ["SIGTERM", "resize2fs", " -f ", "program", 143],
  ["SIGHUP", "e2fsck", " -p ", "program", 129],
] as const;

for (const [signal, tool, word, to, code] of isLong ? interruptions : interruptions.slice(0, 1)) {
  test.serial(
    `${signal} to the ${to} while ${tool} works: it comes to its end, nothing else begins, and the same command goes on`,
    async (t) => {
      const { device, apply, assertFiles } = await scene(t);
      const slow = slowProgram(t, tool, word);
      let child: ChildProcess | undefined;
      const running = apply({ slow, onStart: (one) => (child = one) });
      await begun(slow);
      const pid = child?.pid as number;
      const second = await apply();
      t.is(second.exitCode, 14);
      t.regex(second.stderr, new RegExp(`process ${pid} works on ${device} right now`));
      process.kill(to === "group" ? -pid : pid, signal);
      const { exitCode, stdout, stderr } = await running;
      t.is(exitCode, code, stderr);
      t.true(existsSync(join(slow, "done")), `${stdout}${stderr}`);
      t.regex(stdout, /what was begun is finished first[^]*stopped before: /);
      const again = await apply();
      t.is(again.exitCode, 0, again.stderr);
      assertFiles();
      t.regex((await apply()).stdout, /nothing was changed/);
    },
  );
}

if (isLong) {
  test.serial(
    "a second SIGINT ends resize2fs in the middle of its work, and it is said what that may mean",
    async (t) => {
      const { apply } = await scene(t);
      const slow = slowProgram(t, "resize2fs", " -f ");
      let child: ChildProcess | undefined;
      const running = apply({ slow, onStart: (one) => (child = one) });
      await begun(slow);
      for (const _ of [1, 2]) {
        process.kill(-(child?.pid as number), "SIGINT");
        await sleep(300);
      }
      const { exitCode, stdout } = await running;
      t.is(exitCode, 130);
      t.false(existsSync(join(slow, "done")));
      t.regex(stdout, /ended in the middle of a step/);
    },
  );

  test.serial("killed while resize2fs works: that goes on, and others are kept away until it has ended", async (t) => {
    const { device, apply, assertFiles } = await scene(t);
    const slow = slowProgram(t, "resize2fs", " -f ");
    let child: ChildProcess | undefined;
    const running = apply({ slow, onStart: (one) => (child = one) });
    await begun(slow);
    child?.kill("SIGKILL");
    const second = await apply();
    t.is(second.exitCode, 14);
    t.regex(second.stderr, new RegExp(`what was started by process ${child?.pid} works on ${device} right now`));
    await running;
    let last = second;
    for (let tries = 0; last.exitCode === 14 && tries < 60; tries += 1) last = await sleep(500).then(() => apply());
    const { stdout, stderr, exitCode } = last;
    t.is(exitCode, 0, stderr);
    t.true(existsSync(join(slow, "done")), "nobody was let in before");
    t.notRegex(stdout, /grow the filesystem/, "that is done");
    assertFiles();
  });
}
