import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test from "ava";
import { exitCodes } from "../../src/base/errors.ts";
import { quoteArguments } from "../../src/base/quote.ts";
import { runMkimage } from "./mkimage.ts";
import { assertLeft, buildIn, makeScene, processesOf } from "./scene.ts";

// Whoever reads what mkimage says goes away, has no room, or was never there.

const build = ["--root", "vm", "--partition", "none"];

function through(shell: string): readonly string[] {
  return ["bash", "-c", shell, "bash"];
}

for (const [what, shell] of [
  ["is full", 'exec "$@" 2>/dev/full'],
  ["is a pipe that nobody reads", 'exec "$@" 2> >(exec true)'],
  ["is closed", 'exec "$@" 2>&-'],
] as const) {
  for (const manner of [[], ["--verbose"], ["--json"]]) {
    test(`standard error ${what}${manner.map((flag) => `, with ${flag}`).join("")}: the build goes on`, async (t) => {
      const scene = makeScene(t);
      const run = await buildIn(scene, [...build, ...manner], { through: through(shell) });
      t.is(run.exitCode, 0);
      t.true(existsSync(join(scene.out, "nix-support/hydra-build-products")));
      assertLeft(t, scene, ["out"]);
    });
  }
}

test("standard output is full: what was asked for is done, and that it cannot be said is an error", async (t) => {
  const scene = makeScene(t);
  const full = { through: through('exec "$@" >/dev/full') };
  const built = await buildIn(scene, build, full);
  t.is(built.exitCode, exitCodes.NO_SPACE);
  t.regex(built.stderr, /^mkimage: cannot write standard output: no space left on device$/m);
  assertLeft(t, scene, ["out"]);
  for (const verb of [["plan", ...build], ["--help"], ["schema"]]) {
    const run = await runMkimage(verb, full);
    t.is(run.exitCode, exitCodes.NO_SPACE, run.stderr);
    t.true(run.stderr.length < 200, run.stderr);
  }
});

test("both are full: it ends with the code of the error", async (t) => {
  const run = await runMkimage(["plan", ...build], { through: through('exec "$@" >/dev/full 2>/dev/full') });
  t.is(run.exitCode, exitCodes.NO_SPACE);
});

test("whoever reads standard output may have seen enough", async (t) => {
  const run = await runMkimage(["schema"], { through: through('"$@" | true; exit "${PIPESTATUS[0]}"') });
  t.is(run.exitCode, 0, run.stderr);
});

test("a terminal that hangs up ends the build, and nothing is left", async (t) => {
  const scene = makeScene(t);
  const hook = 'touch "$out/../../started"; sleep 600';
  const command = ["bin/mkimage", "build", ...build, "--out", scene.out, "--post-vm", hook];
  const terminal = spawn("script", ["--quiet", "--flush", "--command", quoteArguments(command), "/dev/null"], {
    env: { ...process.env, TMPDIR: scene.temporary },
    stdio: ["pipe", "ignore", "ignore"],
  });
  while (!existsSync(join(scene.folder, "started")) && terminal.exitCode === null) await setTimeout(20);
  terminal.kill("SIGKILL");
  await once(terminal, "close");
  for (let attempt = 0; attempt < 300 && processesOf(scene).length > 0; attempt += 1) await setTimeout(50);
  assertLeft(t, scene);
});

for (const [what, place, says] of [
  ["missing", "gone", /no temporary files can be made in .*\/gone: there is no such folder\nhint: set TMPDIR /],
  ["a file", "file", /no temporary files can be made in .*\/file: ENOTDIR\nhint: set TMPDIR /],
  ["of the kernel's", "/proc", /nothing can be made in \/proc\n/],
] as const) {
  test(`a folder for temporary files that is ${what} is an error of ours`, async (t) => {
    const { folder } = makeScene(t);
    writeFileSync(join(folder, "file"), "");
    const environment = { TMPDIR: place.startsWith("/") ? place : join(folder, place) };
    const run = await runMkimage(["plan", ...build], { environment });
    t.is(run.exitCode, exitCodes.FILE_FAILED);
    t.regex(run.stderr, says);
    t.true(run.stderr.length < 300, run.stderr);
    t.is((await runMkimage(["--version"], { environment })).exitCode, 0);
  });
}

/** Faults that nothing catches, where they may come up. */
const bombs = {
  "while it works": "setTimeout(() => { throw new Error('boom') }, 200)",
  "in a promise": "setTimeout(() => { Promise.reject(new Error('boom')) }, 200)",
  "before the program is there": "require('node:vm').Script = class { constructor() { throw new Error('boom') } }",
};

for (const [when, bomb] of Object.entries(bombs)) {
  test(`a fault that nothing catches, ${when}, is one line, and nothing is left`, async (t) => {
    const scene = makeScene(t);
    const code = join(scene.folder, "bomb.cjs");
    writeFileSync(code, `if (require("node:worker_threads").isMainThread) ${bomb}`);
    const environment = { NODE_OPTIONS: `--require=${code}` };
    const hook = [...build, "--post-vm", "sleep 600"];
    const plain = await buildIn(scene, [...hook, "--quiet"], { environment });
    t.is(plain.exitCode, exitCodes.INTERNAL);
    t.regex(plain.stderr, /^mkimage: this is a defect of mkimage, please report it: boom\n(hint: .*\n)?$/);
    assertLeft(t, scene);
    const verbose = await buildIn(scene, [...hook, "--verbose"], { environment });
    t.regex(verbose.stderr, /^ *at .*bomb\.cjs/m);
    const events = await buildIn(scene, [...hook, "--json"], { environment });
    t.like(JSON.parse(events.stderr.trim().split("\n").at(-1) ?? ""), { event: "error", code: "INTERNAL" });
    assertLeft(t, scene);
  });
}

for (const files of [24, 30]) {
  test(`no more than ${files} open files is an error of ours`, async (t) => {
    const scene = makeScene(t);
    const limit = through(`ulimit -n ${files}; exec "$@"`);
    const run = await buildIn(scene, ["--root", "vm", "--partition", "efi"], { through: limit });
    t.true(([exitCodes.COMMAND_FAILED, exitCodes.FILE_FAILED] as (number | null)[]).includes(run.exitCode), run.stderr);
    t.regex(run.stderr, /EMFILE|too many open files/);
    t.regex(run.stderr, /^hint: .*ulimit -n/m);
    assertLeft(t, scene);
  });
}
