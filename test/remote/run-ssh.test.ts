import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { inspectRemote } from "../../src/remote/inspect-remote.ts";
import { recordsLimit } from "../../src/remote/records.ts";
import { runScript } from "../../src/remote/run-ssh.ts";

const command = { elevate: [], script: "true", arguments_: [] };

/** Runs a script on a machine where ssh is this program, until the test ends. */
function onMachine(t: ExecutionContext, ssh: string, options: Parameters<typeof runScript>[3] = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-ssh-"));
  writeFileSync(join(folder, "ssh"), `#!/bin/sh\n${ssh}\n`, { mode: 0o755 });
  const path = process.env["PATH"];
  process.env["PATH"] = `${folder}:${path}`;
  t.teardown(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true });
  });
  return runScript("host", [], command, options);
}

test.serial("what a login prints is left out, in whatever pieces it comes", async (t) => {
  const heard: string[] = [];
  const ssh = `printf 'welcome\\nmkimage: be'\nsleep 0.2\nprintf 'gin\\none\\n'\nsleep 0.2\necho two`;
  const output = await onMachine(t, ssh, { onOutput: (text) => heard.push(text) });
  t.deepEqual([output, heard.join("")], ["one\ntwo\n", "one\ntwo\n"]);
});

for (const [where, ssh] of [
  ["before the command runs", "exec yes"],
  ["in a line that does not end", "exec tr '\\000' x </dev/zero"],
  ["as the command's output", "echo 'mkimage: begin'\nexec yes"],
] as const) {
  test.serial(`a machine that prints without end, ${where}, is heard no further`, async (t) => {
    const run = onMachine(t, ssh, { maxOutput: 100_000 });
    await t.throwsAsync(run, { code: "REMOTE_FAILED", message: /on host failed: .*printed more than/ });
  });
}

test.serial("a shell that runs no command is told so", async (t) => {
  const run = onMachine(t, "echo this account is not available");
  await t.throwsAsync(run, { code: "REMOTE_FAILED", message: /the shell of host runs no command/ });
});

test.serial("a machine is heard no further than its facts can be long", async (t) => {
  const limits: (number | undefined)[] = [];
  const connection = {
    destination: "host",
    run: async (
      _script: string,
      _arguments: readonly string[],
      { maxOutput }: { readonly maxOutput?: number } = {},
    ) => {
      limits.push(maxOutput);
      return "";
    },
    [Symbol.asyncDispose]: async () => {},
  };
  await t.throwsAsync(inspectRemote(connection, "/dev/sda"), { code: "REMOTE_FAILED" });
  t.deepEqual(limits, [recordsLimit]);
});
