import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type ErrorCode, exitCodes } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { buildFixtures } from "./fixtures-build.ts";
import { demoSystem, mkimage, type Report, type Run } from "./mkimage.ts";
import { assertLeft, buildIn, makeScene, type Scene } from "./scene.ts";
import { isLong } from "../together/is-long.ts";

const none = demoSystem("none");

interface Refusal {
  readonly what: string;
  readonly arguments: (scene: Scene) => readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly code: ErrorCode;
  readonly says: readonly RegExp[];
  /** The entries that were there before, and have to be there still. */
  readonly left?: readonly string[];
}

/** Things that are refused before anything is written. */
const refusals: readonly Refusal[] = [
  {
    what: "an unknown flag",
    arguments: () => [none, "--partiton", "efi"],
    code: "USAGE",
    says: [/unknown option '--partiton'/, /--partition/],
  },
  {
    what: "an unknown flag of a bare call",
    arguments: () => ["--adittional-space", "0M", none],
    code: "USAGE",
    says: [/unknown option '--adittional-space'/, /--additional-space/],
  },
  {
    what: "unknown keys of a config file, and faulty values, all at once",
    arguments: ({ folder }) => [
      none,
      "--config",
      configIn(folder, { partitoin: "efi", size: "4 parsecs", contents: [{ source: "/etc/fstab", taget: "/x" }] }),
    ],
    code: "BAD_REQUEST",
    says: [/partitoin: unknown key; did you mean partition\?/, /did you mean target\?/, /4 parsecs/],
  },
  {
    what: "a config file that is no JSON",
    arguments: ({ folder }) => [none, "--config", fileIn(folder, "config.json", "partition: efi")],
    code: "BAD_REQUEST",
    says: [/config\.json cannot be read/, /mkimage schema/],
  },
  {
    what: "arguments that contradict one another, all at once",
    arguments: () => [
      none,
      "--touch-efi-vars",
      "--no-install-boot-loader",
      "--partition=legacy",
      "--firmware=/firmware",
      "--attr=system",
      "--no-deterministic",
      "--seed=mine",
    ],
    code: "BAD_REQUEST",
    says: [
      /5 faults/,
      /--touch-efi-vars: not with --partition legacy/,
      /no bootloader is installed/,
      /--firmware and --variables belong/,
      /--attr:/,
      /--seed:/,
    ],
  },
  {
    what: "a number of jobs that is none",
    arguments: () => [none, none, "--jobs", "many"],
    code: "USAGE",
    says: [/'many' is invalid/],
  },
  {
    what: "a time that is none",
    arguments: () => [none],
    environment: { SOURCE_DATE_EPOCH: "yesterday" },
    code: "BAD_REQUEST",
    says: [/SOURCE_DATE_EPOCH is "yesterday"/, /seconds since 1970/],
  },
  {
    what: "a store path that is no system",
    arguments: () => [join(none, "sw")],
    code: "NOT_A_SYSTEM",
    says: [/is not a NixOS system/, /config\.system\.build\.toplevel/],
  },
  {
    what: "a store path that is not there",
    arguments: () => ["/nix/store/00000000000000000000000000000000-gone"],
    code: "NOT_A_SYSTEM",
    says: [/00-gone is not a NixOS system: it does not exist/],
  },
  {
    what: "a folder that is no system and no flake",
    arguments: ({ temporary }) => [temporary],
    code: "RESOLVE_FAILED",
    says: [/could not find a flake\.nix/, /nixosConfigurations\.NAME/],
  },
  {
    what: "a flake with several systems and no name",
    arguments: () => [`path:${buildFixtures("--flake")[0]}`],
    code: "RESOLVE_FAILED",
    says: [/has several systems/, /^ {2}grub-both$/m, /^ {2}systemd-boot$/m, /name one of them: /],
  },
  {
    what: "a disk that is too small",
    arguments: () => [none, "--partition", "efi", "--boot-size", "64M", "--size", "70M"],
    code: "TOO_SMALL",
    says: [/has 70 MiB and needs \d+ MiB/, /at least \d+M, or .*auto/],
  },
  {
    what: "an output folder with something in it",
    arguments: ({ out }) => {
      mkdirSync(out);
      fileIn(out, "mine", "");
      return [none, "--partition", "none"];
    },
    code: "OUTPUT_EXISTS",
    says: [/out is not empty/, /--force/],
    left: ["out"],
  },
  {
    what: "an output folder inside a file",
    arguments: ({ folder }) => [none, "--out", join(fileIn(folder, "file", ""), "out")],
    code: "FILE_FAILED",
    says: [/cannot mkdir .*file: file already exists/],
  },
];

for (const refusal of refusals) {
  test(`${refusal.what} is refused`, async (t) => {
    const scene = makeScene(t);
    const given = refusal.arguments(scene);
    const environment = refusal.environment ?? {};
    const run = await buildIn(scene, given, { environment });
    assertFailed(t, run, refusal.code, refusal.says);
    assertLeft(t, scene, refusal.left);
  });
}

test("a missing program is named with its package, before anything is written", async (t) => {
  const scene = makeScene(t);
  const through = inPrivateMounts("mount --bind /dev/null /usr/sbin/sfdisk");
  const run = await buildIn(scene, [none, "--partition", "legacy"], { through });
  assertFailed(t, run, "MISSING_TOOL", [/the program sfdisk is not installed/, /apt-get install fdisk/]);
  t.notRegex(run.stderr, /Writing/);
  assertLeft(t, scene);
});

test("too little space is found before anything is written", async (t) => {
  const scene = makeScene(t);
  const run = await buildIn(scene, [none, "--partition", "none"], { through: onSmallDisk(scene, 8 * MiB) });
  assertFailed(t, run, "NO_SPACE", [/no space left in .*work: up to .* are needed there/, /^left: $/m]);
  assertLeft(t, scene);
});

test("space that runs out in a conversion is said to be the reason", async (t) => {
  const scene = makeScene(t);
  const room = (await plannedBytes(t, [none, "--partition", "none"])) + 8 * MiB;
  const through = onSmallDisk(scene, room);
  const run = await buildIn(scene, [none, "--partition", "none", "--format", "vdi"], { through });
  assertFailed(t, run, "NO_SPACE", [/no space is left/, /^left: $/m]);
  assertLeft(t, scene);
});

test("space that runs out under a guest is said to be the reason", async (t) => {
  const scene = makeScene(t);
  const wishes = [demoSystem("systemd-boot"), "--partition", "efi"];
  // A scratch disk has 256 MiB more than what is asked for.
  const scratch = [...wishes, "--no-install-boot-loader", "--additional-space", "256M"];
  const others = `(until [ -e .mkimage-*/results ]; do sleep 0.1; done; cat /dev/zero >others 2>&- || :) &`;
  const through = onSmallDisk(scene, (await plannedBytes(t, scratch)) + 3 * MiB, others);
  const run = await buildIn(scene, [...wishes, "--additional-space", "0M", "--engine", "guest"], { through });
  assertFailed(t, run, "NO_SPACE", [/no space is left on this machine for what the guest writes/, /^left: others$/m]);
  assertLeft(t, scene);
});

test("a post hook that fails takes the output with it", async (t) => {
  const scene = makeScene(t);
  const hook = "echo the hook was here; touch $out/extra; exit 3";
  const run = await buildIn(scene, [none, "--partition", "none", "--post-vm", hook]);
  assertFailed(t, run, "HOOK_FAILED", [/exit 3/, /^ {2}the hook was here$/m]);
  assertLeft(t, scene);
});

test("a post hook that fails leaves alone what was in the output folder before", async (t) => {
  const scene = makeScene(t);
  mkdirSync(scene.out);
  fileIn(scene.out, "mine", "still here");
  const run = await buildIn(scene, [none, "--partition", "none", "--force", "--post-vm", "exit 3"]);
  assertFailed(t, run, "HOOK_FAILED", []);
  t.is(readFileSync(join(scene.out, "mine"), "utf8"), "still here");
  assertLeft(t, scene, ["out"]);
});

const guestFailures = [
  {
    variant: "installer-fails",
    flags: [],
    code: "INSTALLER_FAILED",
    says: [/"install the bootloader" failed in the guest with exit code 1/, /the moon is in the wrong phase/],
  },
  {
    variant: "installer-panics",
    flags: [],
    code: "GUEST_FAILED",
    says: [/the guest's kernel panicked at "install the bootloader": sysrq triggered crash/],
  },
  {
    variant: "installer-hangs",
    flags: ["--vm-deadline", "40"],
    code: "GUEST_TIMED_OUT",
    says: [/the guest did not end within 40 s at "install the bootloader"/, /installing the boot loader of/],
  },
] as const;

// At once, since the last one waits for nothing but its deadline. The first is among the tests of guests in CI.
for (const { variant, flags, code, says } of guestFailures.slice(isLong ? 0 : 1)) {
  test(`${variant}: the step, the last lines and the whole log are shown`, async (t) => {
    const scene = makeScene(t);
    const log = `${scene.out}.guest.log`;
    const request = ["--partition", "legacy", "--additional-space", "0M", ...flags];
    const run = await buildIn(scene, [demoSystem(variant), ...request]);
    assertFailed(t, run, code, [...says, new RegExp(`^ {2}the whole log: ${log}$`, "m")]);
    t.regex(readFileSync(log, "utf8"), /installing the boot loader of/);
    assertLeft(t, scene, ["out.guest.log"]);
  });
}

test("of several systems each that fails is told, and the others are built", async (t) => {
  const scene = makeScene(t);
  const systems = [none, "/nix/store/00000000000000000000000000000000-gone", scene.temporary];
  const run = await buildIn(scene, [...systems, "--partition", "none"]);
  assertFailed(t, run, "NOT_A_SYSTEM", [
    /2 of 3 systems failed/,
    /00-gone: .* does not exist/,
    /could not find a flake/,
  ]);
  t.regex(run.stdout, /^\/.*-demo-none-[^/]*\/nixos\.img\n$/);
  assertLeft(t, scene, ["out"]);
});

test("of several systems of a flake one that cannot be evaluated takes none of the others with it", async (t) => {
  const scene = makeScene(t);
  const systems = ["none", "systemd-bot", "systemd-boot"].map((name) => `path:${buildFixtures("--flake")[0]}#${name}`);
  const run = await buildIn(scene, [...systems, "--partition", "efi"]);
  assertFailed(t, run, "RESOLVE_FAILED", [
    /^note: 3 systems of .* are evaluated one by one, since together it failed: error: attribute '"?systemd-bot/m,
    /1 of 3 systems failed/,
    /did you mean .*#systemd-boot\?/,
  ]);
  t.regex(run.stdout, /^\/.*\/none\/nixos\.img\n.*\/systemd-boot\/nixos\.img\n$/);
  assertLeft(t, scene, ["out"]);
});

function assertFailed(t: ExecutionContext, run: Run, code: ErrorCode, says: readonly RegExp[]): void {
  t.is(run.exitCode, exitCodes[code], run.stderr);
  for (const words of says) t.regex(run.stderr, words);
  t.notRegex(run.stderr, /defect of mkimage/);
}

function configIn(folder: string, request: object): string {
  return fileIn(folder, "config.json", JSON.stringify(request));
}

function fileIn(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The room that the files of an image take on this machine. */
async function plannedBytes(t: ExecutionContext, arguments_: readonly string[]): Promise<number> {
  const { stdout } = await mkimage(t, ["plan", "--json", ...arguments_]);
  const { filesystems } = JSON.parse(stdout) as Report;
  return filesystems.reduce((sum, { size, freeBytes }) => sum + size - freeBytes, 0);
}

/** Runs a program where some mounts are its own. */
function inPrivateMounts(mounts: string): string[] {
  return ["unshare", "--mount", "sh", "-euc", `${mounts}; exec "$@"`, "sh"];
}

/** Runs a program where the output is on a disk of so many bytes, which others may use too; lists what is left on it. */
function onSmallDisk({ work }: Scene, bytes: number, others = ""): string[] {
  const script = `mount -t tmpfs -o size=${bytes} tmpfs '${work}'; cd '${work}'; ${others}
    code=0; "$@" || code=$?
    echo "left: $(ls -A '${work}')" >&2; exit $code`;
  return ["unshare", "--mount", "sh", "-euc", script, "sh"];
}
