import test from "ava";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { queryClosure } from "../../src/nix/closure.ts";
import { alphaAndBeta, nixBuild, scratchFolder, useOfflineNix } from "../nix/nix.ts";
import { withEachNix } from "../nix/nixes.ts";

const testWithEachNix = withEachNix(test);

useOfflineNix();
const scratch = scratchFolder();
chmodSync(scratch, 0o755);
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const toplevel = nixBuild(scratch, alphaAndBeta);
const socket = join(scratch, "socket");
const script = join(import.meta.dirname, "../nix/query-as-nobody.ts");

function askAsNobody(): Record<string, unknown> {
  const environment = { ...process.env, HOME: "/nonexistent", NIX_DAEMON_SOCKET_PATH: socket };
  return JSON.parse(execFileSync(process.execPath, [script, toplevel], { encoding: "utf8", env: environment }));
}

testWithEachNix("without a daemon an ordinary user is told of --closure-info", (t) => {
  const { code, hint } = askAsNobody();
  t.is(code, "RESOLVE_FAILED");
  t.regex(String(hint), /--closure-info DIR/);
});

testWithEachNix("through the daemon an ordinary user gets the same closure as root", async (t) => {
  const environment = { ...process.env, NIX_DAEMON_SOCKET_PATH: socket };
  const daemon = spawn("nix", ["daemon"], { env: environment, stdio: "ignore" });
  t.teardown(async () => {
    daemon.kill("SIGKILL");
    await once(daemon, "exit");
  });
  for (let attempt = 0; !existsSync(socket) && attempt < 100; attempt += 1) await setTimeout(100);
  t.deepEqual(askAsNobody()["closure"], JSON.parse(JSON.stringify(await queryClosure([toplevel]))));
});
