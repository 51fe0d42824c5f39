import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { exitCodes } from "../../src/base/errors.ts";
import { judge, reportOf, type Run } from "./mkimage.ts";
import { assertLeft, buildIn, makeScene, type Scene } from "./scene.ts";

// Several builds with one output folder. The first is stopped while it works, so that the order of things is certain.

const build = ["--root", "vm", "--partition", "none", "--checksum"];

test("of two builds into one folder the second ends, and says who is there, by whatever path it came", async (t) => {
  const scene = makeScene(t);
  symlinkSync("work", join(scene.folder, "link"));
  const first = await stoppedBuild(t, scene);
  for (const out of [scene.out, `${scene.work}/../work/./out/`, join(scene.folder, "link/out")]) {
    for (const force of [[], ["--force"]]) {
      const second = await buildIn({ ...scene, out }, [...build, ...force]);
      t.is(second.exitCode, exitCodes.OUTPUT_EXISTS, second.stderr);
      t.regex(second.stderr, new RegExp(`process ${first.child.pid} is building into the output folder `));
    }
  }
  const elsewhere = await buildIn({ ...scene, out: join(scene.work, "other") }, build);
  t.is(elsewhere.exitCode, 0, elsewhere.stderr);
  await assertWins(t, first, scene);
  assertLeft(t, scene, ["other", "out"]);
});

test("a build that was killed stands in nobody's way", async (t) => {
  const scene = makeScene(t);
  const first = await stoppedBuild(t, scene);
  first.child.kill("SIGKILL");
  await first.run;
  const second = await buildIn(scene, build);
  t.is(second.exitCode, 0, second.stderr);
  assertLeft(t, scene, ["out"]);
});

test("what somebody has put into the output folder meanwhile stays, and the build ends", async (t) => {
  const scene = makeScene(t);
  const first = await stoppedBuild(t, scene);
  mkdirSync(scene.out);
  writeFileSync(join(scene.out, "nixos.img"), "mine");
  first.child.kill("SIGCONT");
  const { exitCode, stderr } = await first.run;
  t.is(exitCode, exitCodes.OUTPUT_EXISTS, stderr);
  t.is(readFileSync(join(scene.out, "nixos.img"), "utf8"), "mine");
  assertLeft(t, scene, ["out"]);
});

test("of three builds that start at once one wins, and what is there agrees with itself", async (t) => {
  const scene = makeScene(t);
  const sizes = ["1M", "2M", "3M"];
  const runs = await Promise.all(sizes.map((size) => buildIn(scene, [...build, "--additional-space", size])));
  const codes = runs.map(({ exitCode }) => exitCode).sort();
  t.deepEqual(codes, [0, exitCodes.OUTPUT_EXISTS, exitCodes.OUTPUT_EXISTS].sort());
  assertWhole(t, scene);
  assertLeft(t, scene, ["out"]);
});

interface Stopped {
  readonly child: ChildProcess;
  readonly run: Promise<Run>;
}

/** A build that does not go on until it is told to, and has nothing in its place yet. */
async function stoppedBuild(t: ExecutionContext, scene: Scene): Promise<Stopped> {
  let child: ChildProcess | undefined;
  const run = buildIn(scene, [...build, "--json"], { onStart: (started) => (child = started) });
  const started = child as unknown as ChildProcess;
  t.teardown(() => void started.kill("SIGKILL"));
  for (let seen = ""; !seen.includes('"title":"Reading');) {
    const [chunk] = (await once(started.stderr as NodeJS.ReadableStream, "data")) as [Buffer];
    seen += String(chunk);
  }
  started.kill("SIGSTOP");
  t.false(readdirSync(scene.work).includes("out"), "it was stopped in time");
  return { child: started, run };
}

async function assertWins(t: ExecutionContext, { child, run }: Stopped, scene: Scene): Promise<void> {
  child.kill("SIGCONT");
  const { exitCode, stderr } = await run;
  t.is(exitCode, 0, stderr);
  assertWhole(t, scene);
}

function assertWhole(t: ExecutionContext, { out }: Scene): void {
  const [sum] = judge("sha256sum", join(out, "nixos.img")).split(" ");
  t.is(reportOf(out).files.find(({ name }) => name === "nixos.img")?.sha256, sum);
}
