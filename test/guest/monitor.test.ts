import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { openMonitor } from "../../src/guest/monitor.ts";
import { temporaryFolder } from "../image/folder.ts";

type Answer = (command: string) => object;

/** A QMP server that greets, or not, and answers each command with what `answer` says. */
function serve(t: ExecutionContext, greeting: object | undefined, answer: Answer): Promise<string> {
  return serveAt(t, join(temporaryFolder(t), "qmp"), greeting, answer);
}

function serveAt(t: ExecutionContext, path: string, greeting: object | undefined, answer: Answer): Promise<string> {
  const server = createServer((socket) => {
    if (greeting !== undefined) socket.write(`${JSON.stringify(greeting)}\r\n`);
    socket.on("data", (data) => {
      for (const line of data.toString().trim().split("\r\n")) {
        socket.write(`${JSON.stringify(answer((JSON.parse(line) as { execute: string }).execute))}\r\n`);
      }
    });
  });
  t.teardown(() => server.close());
  return new Promise((resolve) => {
    server.listen(path, () => resolve(path));
  });
}

/** Leaves the file of a socket that nobody listens on: a process that is killed does not remove it. */
const bindOnly = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;

const greeting = { QMP: { version: {}, capabilities: [] } };
const refusal = { error: { class: "GenericError", desc: "no" } };

test("a monitor tells the state of the machine", async (t) => {
  const path = await serve(t, greeting, (command) => ({
    return: command === "query-status" ? { status: "paused" } : {},
  }));
  const monitor = await openMonitor(path, {}, AbortSignal.timeout(5000));
  t.is(await monitor.state(), "paused");
  await monitor.close();
});

test("a QEMU that refuses to talk is no monitor", async (t) => {
  const path = await serve(t, greeting, () => refusal);
  await t.throwsAsync(openMonitor(path, {}, AbortSignal.timeout(5000)));
});

test("a QEMU that says nothing is not waited for when the machine has ended", async (t) => {
  const path = await serve(t, undefined, () => refusal);
  await t.throwsAsync(openMonitor(path, {}, AbortSignal.timeout(200)));
});

test("neither is one that never listens", async (t) => {
  await t.throwsAsync(openMonitor(join(temporaryFolder(t), "nothing"), {}, AbortSignal.timeout(200)));
});

test("a disk of the host that was full before anybody listened is told", async (t) => {
  const answers: Readonly<Record<string, unknown>> = {
    "query-status": { status: "io-error" },
    "query-block": [
      { device: "disk0", "io-status": "ok" },
      { device: "disk1", "io-status": "nospace" },
    ],
  };
  const path = await serve(t, greeting, (command) => ({ return: answers[command] ?? {} }));
  const full: string[] = [];
  const monitor = await openMonitor(path, { onHostFull: (device) => full.push(device) }, AbortSignal.timeout(5000));
  t.deepEqual(full, ["disk1"]);
  await monitor.close();
});

test("so is a panic", async (t) => {
  const path = await serve(t, greeting, (command) => ({
    return: command === "query-status" ? { status: "guest-panicked" } : {},
  }));
  let panics = 0;
  const monitor = await openMonitor(path, { onPanic: () => (panics += 1) }, AbortSignal.timeout(5000));
  t.is(panics, 1);
  await monitor.close();
});

test("a socket that is there before QEMU listens is asked again", async (t) => {
  const path = join(temporaryFolder(t), "qmp");
  // The file of a server that is gone refuses in the same way.
  spawnSync(process.execPath, ["-e", bindOnly, path]);
  t.true(existsSync(path));
  const opened = openMonitor(path, {}, AbortSignal.timeout(5000));
  await sleep(100);
  rmSync(path);
  await serveAt(t, path, greeting, (command) => ({ return: command === "query-status" ? { status: "running" } : {} }));
  const monitor = await opened;
  t.is(await monitor.state(), "running");
  await monitor.close();
});
