import { createServer } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { openMonitor } from "../../src/guest/monitor.ts";
import { temporaryFolder } from "../image/folder.ts";

/** A QMP server that greets, or not, and answers each command with what `answer` says. */
function serve(
  t: ExecutionContext,
  greeting: object | undefined,
  answer: (command: string) => object,
): Promise<string> {
  const path = join(temporaryFolder(t), "qmp");
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
