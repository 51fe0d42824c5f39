import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { demoSystem, judge, reportOf } from "./mkimage.ts";
import { assertLeft, buildIn, makeScene, type Scene } from "./scene.ts";
import { useOfflineNix } from "../system/nix.ts";

useOfflineNix();

const nobody = 65534;
const project = join(import.meta.dirname, "../..");

/** What an ordinary user has: no KVM, no sbin in PATH, and Nix by its daemon or not at all. */
interface User {
  readonly scene: Scene;
  readonly through: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

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

/** The program stands in a folder of its own, since the user may not be allowed into this one. */
function ordinaryUser(t: ExecutionContext, daemonSocket: string): User {
  const scene = makeScene(t);
  const [home, program, locked] = ["home", "program", "locked"].map((name) => join(scene.folder, name)) as [
    string,
    string,
    string,
  ];
  chmodSync(scene.folder, 0o755);
  mkdirSync(home);
  for (const path of [home, scene.work, scene.temporary]) chownSync(path, nobody, nobody);
  for (const part of ["bin", "dist", "vm", "package.json"]) {
    cpSync(join(project, part), join(program, part), { recursive: true, dereference: true });
  }
  writeFileSync(locked, "", { mode: 0o600 });
  const script = `[ ! -e /dev/kvm ] || mount --bind '${locked}' /dev/kvm
    cd '${home}'; shift
    exec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups -- '${program}/bin/mkimage' "$@"`;
  return {
    scene,
    through: ["/usr/bin/unshare", "--mount", "/bin/sh", "-euc", script, "sh"],
    environment: { HOME: home, PATH: "/usr/bin:/bin", NIX_DAEMON_SOCKET_PATH: daemonSocket },
  };
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

/** A folder as nixpkgs' closureInfo makes it. */
function closureInfoOf(toplevel: string, parent: string): string {
  const folder = join(parent, "closure-info");
  mkdirSync(folder);
  const paths = judge("nix-store", "--query", "--requisites", toplevel).trim().split("\n");
  writeFileSync(join(folder, "store-paths"), `${paths.join("\n")}\n`);
  writeFileSync(join(folder, "registration"), execFileSync("nix-store", ["--dump-db", ...paths]));
  return folder;
}
