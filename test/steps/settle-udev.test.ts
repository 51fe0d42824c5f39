import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { deviceFunctions } from "../../src/steps/functions/devices.ts";

// Scripts wait for udev in many places, and a wait that fails ends them.

/** Runs the function with a udevadm that fails so many times, and says how it ended and how often it asked. */
async function settle(t: ExecutionContext, failures: number, isThere = true) {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-udev-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const control = join(folder, "control");
  const server = createServer();
  if (isThere) await new Promise<void>((resolve) => server.listen(control, resolve));
  const program = `#!/bin/sh
echo "$*" >>${folder}/asked
[ "$(wc -l <${folder}/asked)" -gt ${failures} ] || { echo "Failed to wait for daemon to reply: Broken pipe" >&2; exit 1; }
`;
  writeFileSync(join(folder, "udevadm"), program);
  chmodSync(join(folder, "udevadm"), 0o755);
  writeFileSync(join(folder, "asked"), "");
  const text = deviceFunctions.settle_udev.text.replaceAll("/run/udev/control", control);
  const script = `set -eu\n${text}\nsettle_udev\necho settled`;
  const PATH = `${folder}:${process.env["PATH"]}`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8", env: { ...process.env, PATH } });
  server.close();
  return { stdout, stderr, asked: readFileSync(join(folder, "asked"), "utf8").split("\n").length - 1 };
}

test("udev is waited for where there is one", async (t) => {
  t.deepEqual(await settle(t, 0), { stdout: "settled\n", stderr: "", asked: 1 });
  t.deepEqual(await settle(t, 0, false), { stdout: "settled\n", stderr: "", asked: 0 });
});

test("one that hangs up is asked again, once", async (t) => {
  t.deepEqual(await settle(t, 1), { stdout: "settled\n", stderr: "", asked: 2 });
  const { stdout, stderr, asked } = await settle(t, 2);
  t.deepEqual([stdout, asked], ["", 2]);
  t.regex(stderr, /Broken pipe/);
});
