import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { renderScript } from "../../src/devices/steps/script.ts";
import { type Command, type Input, step } from "../../src/steps/step.ts";

// Scripts whose steps are not to be ended in the middle, and signals from wherever they come.

interface Scene {
  readonly pid: number;
  readonly folder: string;
  /** Sends a signal to the script alone, or to all that a terminal would send it to. */
  readonly send: (signal: NodeJS.Signals, to: "script" | "group") => void;
  /** Lets the work go on, when the script has said something. */
  readonly goOn: (when: RegExp) => Promise<void>;
  /** Reads nothing any more of what it and its programs print. */
  readonly hangUp: () => void;
  /** Over when the script itself is gone. */
  readonly gone: Promise<unknown>;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

/** A program that goes on when it is let, and leaves a file when it has come to its end. */
const work = (name: string, rest = ""): string[] => [
  "bash",
  "-c",
  `touch ${name}.begun; until [ -e go ]; do sleep 0.05; done; ${rest} touch ${name}.done`,
];

/** A script in a process group of its own, whose second step works. */
async function running(t: ExecutionContext, ...commands: readonly (readonly string[] | Command)[]): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "script");
  const steps = [
    step("x", "first", [], ["true"]),
    step("x", "work", [], ...commands),
    step("x", "never", [], ["touch", "never"]),
  ];
  writeFileSync(file, renderScript(steps, "between steps"));
  const child = spawn("bash", [file], { cwd: folder, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const pid = child.pid as number;
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (output += String(piece)));
  const gone = once(child, "exit");
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  while (!existsSync(join(folder, "work.begun")) && !output.includes("Password")) await sleep(10);
  const goOn = async (when: RegExp): Promise<void> => {
    while (!when.test(output)) await sleep(10);
    writeFileSync(join(folder, "go"), "");
  };
  const send: Scene["send"] = (signal, to) => process.kill(to === "group" ? -pid : pid, signal);
  const hangUp = (): void => [child.stdout, child.stderr].forEach((stream) => stream.destroy());
  return { pid, folder, send, goOn, gone, hangUp, ended };
}

/** Whether a process of this group is left. */
function isAnyOf(group: number): boolean {
  const lines = spawnSync("ps", ["-e", "-o", "pgid=,stat="], { encoding: "utf8" }).stdout.split("\n");
  return lines.some((line) => new RegExp(`^ *${group} +[^Z]`).test(line));
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  for (const to of ["script", "group"] as const) {
    test(`${signal} to the ${to} lets the step end, and no other begin`, async (t) => {
      const { folder, send, goOn, ended } = await running(t, work("work"), work("rest"));
      send(signal, to);
      await goOn(/finished first/);
      const { code: there, output } = await ended;
      t.is(there, code, output);
      t.true(existsSync(join(folder, "work.done")) && existsSync(join(folder, "rest.done")), "all of the step");
      t.false(existsSync(join(folder, "never")));
      t.regex(output, new RegExp(`==! ${signal}: what was begun is finished first;[^]*==! stopped before: never\n`));
    });
  }
}

test("whoever logs out is told by SIGTERM, SIGHUP and SIGHUP: that is once", async (t) => {
  const { folder, send, goOn, ended } = await running(t, work("work"));
  send("SIGTERM", "group");
  send("SIGHUP", "group");
  send("SIGHUP", "script");
  await goOn(/finished first/);
  const { code, output } = await ended;
  t.is(code, 143, output);
  t.true(existsSync(join(folder, "work.done")));
});

test("a second SIGINT ends all at once, with all that the step has started, and says so", async (t) => {
  t.timeout(60_000, "nothing that it has started keeps its output open");
  const { folder, pid, send, goOn, ended } = await running(t, work("work", "sleep 600 & sleep 600;"));
  send("SIGINT", "group");
  await goOn(/finished first/);
  send("SIGINT", "group");
  const { code, output } = await ended;
  t.is(code, 130);
  t.regex(output, /==! ended in the middle of a step/);
  t.false(existsSync(join(folder, "work.done")));
  // One that was killed has closed its output before it is gone.
  while (isAnyOf(pid)) await sleep(10);
});

test("a program that writes to somebody who is gone ends its work, and no other begins", async (t) => {
  const { folder, send, goOn, gone, hangUp } = await running(t, work("work", "echo a; echo b;"));
  send("SIGKILL", "script");
  await gone;
  hangUp();
  await goOn(/work/);
  while (!existsSync(join(folder, "work.done"))) await sleep(10);
  await sleep(200);
  t.true(existsSync(join(folder, "work.done")));
  t.false(existsSync(join(folder, "never")), "nobody keeps others away any more");
});

test("nothing is finished while somebody is asked for a password", async (t) => {
  const input: Input = { kind: "asked", name: "it", times: 1 };
  const { folder, send, ended } = await running(t, { argv: ["touch", "typed"], input });
  send("SIGINT", "group");
  const { code, output } = await ended;
  t.is(code, 130, output);
  t.false(existsSync(join(folder, "typed")));
});

test("such a script passes bash -n and shellcheck, and has a here-document of a hook as it is", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "script");
  const hook = {
    kind: "hook",
    path: "x",
    title: "hook",
    shell: "cat <<END\n  it is here\nEND\n",
    variables: {},
  } as const;
  writeFileSync(file, renderScript([step("x", "first", [], ["true"]), hook], "between steps"));
  const judged = spawnSync("shellcheck", [file], { encoding: "utf8", env: { ...process.env, LC_ALL: "C.UTF-8" } });
  t.is(judged.stdout, "");
  t.is(spawnSync("bash", [file], { encoding: "utf8" }).stdout, "==> first\n==> hook\n  it is here\n");
});

test("without a signal a script ends as its steps do", async (t) => {
  const { ended, goOn, folder } = await running(t, work("work"), ["bash", "-c", "exit 7"]);
  await goOn(/work/);
  t.is((await ended).code, 7);
  t.false(existsSync(join(folder, "never")));
});
