import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { ownKeys } from "../../src/deploy/own-keys.ts";
import { temporaryFolder } from "../image/folder.ts";

const host = { destination: "root@203.0.113.7", port: 2222 };

function keyIn(folder: string, name: string, passphrase = ""): { path: string; line: string } {
  const path = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "me@here", "-f", path]);
  return { path, line: readFileSync(`${path}.pub`, "latin1").split(" ").slice(0, 2).join(" ") };
}

test("the user's key is known by its public file, and by the private one alone, with a passphrase too", async (t) => {
  const { path, line } = keyIn(temporaryFolder(t), "key", "a passphrase");
  const wishes = { identity: path, options: ["IdentityAgent=none"] };
  t.true((await ownKeys(host, wishes)).includes(line));
  rmSync(`${path}.pub`);
  t.true((await ownKeys(host, wishes)).includes(line));
});

test("keys that an agent alone has are the user's too", async (t) => {
  const folder = temporaryFolder(t);
  const { path, line } = keyIn(folder, "key");
  const socket = await agentIn(t, folder);
  execFileSync("ssh-add", ["-q", path], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  for (const file of [path, `${path}.pub`]) rmSync(file);
  t.true((await ownKeys(host, { options: [`IdentityAgent=${socket}`] })).includes(line));
});

test("who has no key has none", async (t) => {
  const nowhere = join(temporaryFolder(t), "none");
  t.deepEqual(await ownKeys(host, { options: [`IdentityFile=${nowhere}`, `IdentityAgent=${nowhere}`] }), []);
});

async function agentIn(t: ExecutionContext, folder: string): Promise<string> {
  const socket = join(folder, "agent");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  t.teardown(() => agent.kill());
  while (!existsSync(socket)) await pause(20);
  return socket;
}
