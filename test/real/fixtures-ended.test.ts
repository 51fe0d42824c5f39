import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { command } from "./fixtures-build.ts";
import { processesOf } from "./scene.ts";

// The scripts that fill the cache of the fixtures, ended in the middle: nothing half-made stays, and nothing goes on.

/** A cache, and an `apt-get` that says that it has begun and then takes some seconds. */
function scene(t: ExecutionContext, seconds: number) {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-ended-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [cache, programs, begun] = ["cache", "bin", "begun"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(cache);
  mkdirSync(programs);
  const aptGet = join(programs, "apt-get");
  // What it starts is told from others by the folder.
  writeFileSync(
    aptGet,
    `#!/bin/sh\n[ "$1" != indextargets ] || { echo Debian main x x; exit; }\ntouch ${begun}\nsh -c 'sleep ${seconds}; : ${folder}'\n`,
  );
  chmodSync(aptGet, 0o755);
  return { folder, cache, begun, PATH: `${programs}:${process.env["PATH"]}` };
}

async function end(
  program: readonly [script: string, ...string[]],
  { cache, begun, PATH }: ReturnType<typeof scene>,
  settings: Readonly<Record<string, string>> = {},
): Promise<number | null> {
  const [script, ...rest] = program;
  const child = spawn(join("fixtures", script), rest, {
    env: { ...process.env, MKIMAGE_FIXTURES: cache, PATH, ...settings },
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  while (!existsSync(begun) && child.exitCode === null) await setTimeout(50);
  child.kill("SIGTERM");
  const [code] = (await ended) as [number | null];
  return code;
}

test("fixtures/zfs ended by a signal ends what it has started at once, and leaves no half-made folder", async (t) => {
  const where = scene(t, 60);
  // The kernel is there already.
  const name = command(
    "sh",
    "-c",
    "apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-/ { print $2; exit }'",
  );
  mkdirSync(join(where.cache, name.trim()));
  const half = join(where.cache, "zfs.abcdef");
  mkdirSync(half);
  t.is(await end(["zfs"], where), 143);
  t.deepEqual(readdirSync(where.cache).toSorted(), [name.trim(), "lock-zfs"].toSorted());
  t.deepEqual(processesOf(where), []);
});

test("fixtures/kernel ended by a signal leaves no half-made folder", async (t) => {
  const where = scene(t, 1);
  t.is(await end(["kernel"], where), 143);
  t.deepEqual(readdirSync(where.cache), []);
});

test("fixtures/fetch ended by a signal leaves no half-made folder, of another Debian's packages neither", async (t) => {
  const machines: readonly Readonly<Record<string, string>>[] = [{}, { MKIMAGE_DEBIAN: "trixie" }];
  for (const settings of machines) {
    const where = scene(t, 1);
    t.is(await end(["fetch"], where, settings), 143);
    t.deepEqual(readdirSync(where.cache), ["lock"]);
  }
});

test("fixtures/target ended by a signal leaves no half-made folder, and no disk", async (t) => {
  const where = scene(t, 1);
  // What the demo system is made of is there already.
  const list = command("sha256sum", "fixtures/packages.txt").slice(0, 16);
  mkdirSync(join(where.cache, `packages-${list}/debs`), { recursive: true });
  t.is(await end(["target", "debian"], where), 143);
  t.deepEqual(readdirSync(where.cache).toSorted(), ["lock-target-debian", `packages-${list}`, "targets"]);
  t.deepEqual(readdirSync(join(where.cache, "targets")), []);
});
