import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { loopDevice } from "./loop-device.ts";
import { demoSystem, judge, runMkimage, testFolder } from "./mkimage.ts";

// Keys that are enrolled by systemd-cryptenroll on a machine. The container is real; a token is a program of the test's that
// adds a key of its own, and opening, for which this machine's kernel has no driver, is taken to work.

const programs = {
  cryptsetup: `#!/bin/sh
here=$(dirname "$0")
case "$*" in
*--test-passphrase*) ;;
open*)
  while [ $# -gt 2 ]; do shift; done
  cat >/dev/null
  printf '  device:  %s\n' "$1" >"$here/open"
  exit ;;
close*) rm -f "$here/open" && exit ;;
status*) exec cat "$here/open" ;;
esac
PATH=\${PATH#*:} exec cryptsetup "$@"
`,
  "systemd-cryptenroll": `#!/bin/sh
here=$(dirname "$0")
case "$*" in
--fido2-device=list)
  cat "$here/tokens" ;;
--fido2-device=auto*)
  [ ! -e "$here/broken" ] || { echo 'Failed to enroll the token: denied' >&2; exit 1; }
  printf '%s' "$PASSWORD" >"$here/unlocked-by"
  printf '%s\\n' "$*" >"$here/enrolled"
  for device; do :; done
  printf 'the token' >"$here/key"
  cryptsetup --batch-mode luksAddKey --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file "$here/unlocked-by" "$device" "$here/key" ;;
*)
  PATH=\${PATH#*:} exec systemd-cryptenroll "$@" ;;
esac
`,
};

const oneToken = "PATH         MANUFACTURER PRODUCT\n/dev/hidraw0 Maker        Key\n";

interface Scene {
  readonly device: string;
  readonly tree: string;
  readonly bin: string;
}

function makeScene(t: ExecutionContext, node: object, tokens = ""): Scene {
  const folder = testFolder(t);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(join(bin, "tokens"), tokens);
  const { path: device } = loopDevice(t, { size: 40 * MiB });
  execFileSync("mke2fs", ["-q", "-F", device]);
  const fast = ["--pbkdf pbkdf2", "--pbkdf-force-iterations 1000"];
  const content = { type: "luks", name: "vault", extraFormatArgs: fast, ...node };
  const tree = join(folder, "tree.json");
  writeFileSync(tree, JSON.stringify({ disk: { main: { device, content } } }));
  return { device, tree, bin };
}

const words = ["--yes-wipe-all-disks", "--root-mountpoint", "/mnt"];

function disko({ tree, bin }: Scene, modes = "destroy,format") {
  const environment = { PATH: `${bin}:${process.env["PATH"]}` };
  // In a session of its own there is no terminal, wherever tests run.
  const through = ["setsid", "--wait"];
  return runMkimage(["disko", "--mode", modes, tree, ...words], { environment, through });
}

/** The same at a terminal where somebody types this; gives all that is shown there. */
function diskoAtTerminal({ tree, bin }: Scene, typed: string) {
  const command = ["bin/mkimage", "disko", "--mode", "destroy,format", tree, ...words].join(" ");
  const { stdout, status } = spawnSync("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` },
    input: typed,
  });
  return { shown: stdout.replaceAll("\r\n", "\n"), status };
}

function opens({ device, bin }: Scene, password: string): boolean {
  const file = join(bin, "password");
  writeFileSync(file, password);
  return spawnSync("cryptsetup", ["open", "--test-passphrase", `--key-file=${file}`, device]).status === 0;
}

function sumOf(device: string): string {
  return createHash("sha256").update(readFileSync(device)).digest("hex");
}

const alone = { enrollFido2: true, enrollRecovery: false, extraFido2EnrollArgs: ["--fido2-with-client-pin=no"] };

for (const [what, tokens, said] of [
  ["without a token", "", /vault is to be opened by one FIDO2 token, and 0 are plugged in/],
  ["with two of them", `${oneToken}/dev/hidraw1 Maker Key\n`, /one FIDO2 token, and 2 are plugged in/],
] as const) {
  test.serial(`${what} the disk keeps what it holds`, async (t) => {
    const scene = makeScene(t, alone, tokens);
    const before = sumOf(scene.device);
    const run = await disko(scene);
    t.is(run.exitCode, 6, run.stderr);
    t.regex(run.stderr, said);
    t.regex(run.stderr, /nothing was changed/);
    t.is(sumOf(scene.device), before);
  });
}

test.serial("a token is asked for at a terminal, until it is there", async (t) => {
  const scene = makeScene(t, alone);
  // Whoever is asked plugs it in.
  const program = join(scene.bin, "systemd-cryptenroll");
  const plugging = `#!/bin/sh\ncase "$*" in *=list) [ ! -e "$0.asked" ] || cp "$0.token" "$(dirname "$0")/tokens"; : >"$0.asked" ;; esac\n`;
  writeFileSync(program, programs["systemd-cryptenroll"].replace("#!/bin/sh\n", plugging));
  writeFileSync(`${program}.token`, oneToken);
  const { shown, status } = diskoAtTerminal(scene, "\n");
  t.is(status, 0, shown);
  t.regex(shown, /and 0 are plugged in. Plug in the one that is to open it, and press Enter: /);
  t.true(shown.indexOf("press Enter") < shown.indexOf("wipe"), shown);
  t.true(opens(scene, "the token"));
});

test.serial("a container with nothing but a token has no other key, and a second run leaves it alone", async (t) => {
  const scene = makeScene(t, alone, oneToken);
  const run = await disko(scene);
  t.is(run.exitCode, 0, run.stderr);
  t.is(
    readFileSync(join(scene.bin, "enrolled"), "utf8"),
    `${alone.extraFido2EnrollArgs.join(" ")} ${scene.device}\n`.replace(/^/, "--fido2-device=auto "),
  );
  t.true(opens(scene, "the token"));
  const drawn = readFileSync(join(scene.bin, "unlocked-by"), "utf8");
  t.regex(drawn, /^[0-9a-f]{64}$/);
  t.false(opens(scene, drawn));
  t.is(judge("cryptsetup", "luksDump", scene.device).match(/^ {2}\d+: luks2$/gm)?.length, 1);
  // It is there, and open: no token is needed any more.
  writeFileSync(join(scene.bin, "tokens"), "");
  const before = sumOf(scene.device);
  const again = await disko(scene, "format");
  t.is(again.exitCode, 0, again.stderr);
  t.is(sumOf(scene.device), before);
});

test.serial("a token that says no leaves no container that nobody can open", async (t) => {
  const scene = makeScene(t, alone, oneToken);
  writeFileSync(join(scene.bin, "broken"), "");
  const run = await disko(scene);
  t.is(run.exitCode, 6, run.stderr);
  t.regex(run.stderr, /vault could not get its keys: systemd-cryptenroll --fido2-device=auto/);
  t.regex(run.stderr, /is empty again, and the same command goes on from here/);
  t.is(judge("wipefs", "--noheadings", scene.device), "");
  t.false(existsSync(join(scene.bin, "open")));
  rmSync(join(scene.bin, "broken"));
  t.is((await disko(scene, "format")).exitCode, 0);
  t.true(opens(scene, "the token"));
});

test.serial("a recovery key is shown at the terminal, opens the container, and is nowhere else", async (t) => {
  const scene = makeScene(t, { enrollRecovery: true, passwordFile: "/dev/null" });
  writeFileSync(join(scene.bin, "own"), "a password of mine\n");
  const tree = readFileSync(scene.tree, "utf8").replace("/dev/null", join(scene.bin, "own"));
  writeFileSync(scene.tree, tree);
  const { shown, status } = diskoAtTerminal(scene, "\n");
  t.is(status, 0, shown);
  const keys = shown.match(/[cbdefghijklnrtuv]{8}(-[cbdefghijklnrtuv]{8}){7}/g) ?? [];
  t.is(keys.length, 1, shown);
  t.regex(shown, /Keep the recovery key of vault, and press Enter: /);
  t.true(opens(scene, keys[0] ?? ""));
  t.true(opens(scene, "a password of mine"));
  t.regex(judge("cryptsetup", "luksDump", scene.device), /systemd-recovery/);
});

test.serial("without a terminal a recovery key would be lost: nothing is changed", async (t) => {
  const scene = makeScene(t, { enrollRecovery: true, passwordFile: "/etc/hostname" });
  const before = sumOf(scene.device);
  const run = await disko(scene);
  t.is(run.exitCode, 6, run.stderr);
  t.regex(run.stderr, /the keys of vault are enrolled at a terminal/);
  t.is(sumOf(scene.device), before);
});

test.serial("no image has them", async (t) => {
  const { tree } = makeScene(t, { ...alone, content: { type: "filesystem", format: "ext4", mountpoint: "/" } });
  const run = await runMkimage(["plan", demoSystem("none"), "--devices", tree]);
  t.is(run.exitCode, 2);
  t.regex(run.stderr, /disk\.main\.content: enrollFido2: a token is enrolled on the machine that it opens/);
});
