import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { demoSystem, reportOf } from "./mkimage.ts";
import { closureInfoOf, ordinaryUser, type User } from "./ordinary-user.ts";
import { assertLeft, buildIn, makeScene, type Scene } from "./scene.ts";
import { useOfflineNix } from "../nix/nix.ts";

useOfflineNix();

test("efi: an ordinary user asks Nix's daemon for the closure, and makes the same image as root", async (t) => {
  const request = [demoSystem("systemd-boot"), "--partition", "efi", "--format", "qcow2", "--additional-space", "0M"];
  const user = ordinaryUser(t, await startDaemon(t));
  t.is(await imageOf(t, user.scene, request, user), await imageOf(t, makeScene(t), request));
});

test("legacy: an ordinary user without Nix gives --closure-info, and makes the same image as root in a guest", async (t) => {
  const toplevel = demoSystem("grub");
  const request = [toplevel, "--partition", "legacy", "--additional-space", "0M"];
  const user = ordinaryUser(t, "/nonexistent/socket");
  const closureInfo = ["--closure-info", closureInfoOf(toplevel, user.scene.folder)];
  const mine = await imageOf(t, user.scene, [...request, ...closureInfo, "--accel", "auto"], user);
  t.is(mine, await imageOf(t, makeScene(t), request));
});

test("without daemon and --closure-info an ordinary user is told what to give", async (t) => {
  const user = ordinaryUser(t, "/nonexistent/socket");
  const run = await buildIn(user.scene, [demoSystem("none"), "--partition", "none"], user);
  t.is(run.exitCode, 3, run.stderr);
  t.regex(run.stderr, /--closure-info DIR/);
  assertLeft(t, user.scene);
});

test("an output folder that may not be written to is refused", async (t) => {
  const user = ordinaryUser(t, "/nonexistent/socket");
  chownSync(user.scene.work, 0, 0);
  const run = await buildIn(user.scene, [demoSystem("none"), "--partition", "none"], user);
  t.is(run.exitCode, 17, run.stderr);
  t.regex(run.stderr, /work.*: permission denied/);
  assertLeft(t, user.scene);
});

/** Builds, and gives the checksum of the image. */
async function imageOf(
  t: ExecutionContext,
  scene: Scene,
  request: readonly string[],
  user?: User,
): Promise<string | undefined> {
  const run = await buildIn(scene, [...request, "--checksum"], user);
  t.is(run.exitCode, 0, run.stderr);
  assertLeft(t, scene, ["out"]);
  return reportOf(scene.out).files.find(({ name }) => name.startsWith("nixos."))?.sha256;
}

/** Starts a daemon of Nix that ends with the test, and gives its socket. */
async function startDaemon(t: ExecutionContext): Promise<string> {
  const { folder } = makeScene(t);
  chmodSync(folder, 0o755);
  const socket = join(folder, "socket");
  const environment = { ...process.env, NIX_DAEMON_SOCKET_PATH: socket, NIX_CONFIG: "build-users-group =" };
  const daemon = spawn("nix", ["--extra-experimental-features", "nix-command", "daemon"], {
    env: environment,
    stdio: "ignore",
  });
  t.teardown(async () => {
    daemon.kill("SIGKILL");
    await once(daemon, "exit");
  });
  for (let attempt = 0; !existsSync(socket) && attempt < 100; attempt += 1) await setTimeout(100);
  return socket;
}
