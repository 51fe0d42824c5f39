import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { MkimageError } from "../../../../src/base/errors.ts";
import { renderScript, toolsOf } from "../../../../src/devices/steps/script.ts";
import { checksBeforeWipe, treeSteps } from "../../../../src/devices/steps/tree-steps.ts";
import { readDeviceTree } from "../../../../src/devices/tree/read.ts";
import { nixosModule } from "../../../../src/devices/nixos/nixos-module.ts";
import { unbuildable } from "../../../../src/pipeline/plan/buildable-tree.ts";
import type { Step } from "../../../../src/steps/step.ts";

// A FIDO2 token and a recovery key are enrolled when a container is made.

const treeWith = (node: object, disk: object = {}) =>
  readDeviceTree({ disk: { d: { device: "/dev/sdd", ...disk, content: { type: "luks", name: "c", ...node } } } });

const setting = { root: "/mnt" };

/** The commands of some steps, each with where its input comes from. */
function commandsOf(steps: readonly Step[]): string[] {
  return steps.flatMap((one) =>
    one.kind === "commands"
      ? one.commands.map(({ argv, input }) => [...argv, ...(input === undefined ? [] : [`<${input.kind}`])].join(" "))
      : [],
  );
}

const format = (node: object) => commandsOf(treeSteps("format", treeWith(node), setting));
const luksFormat = (input: string) => `cryptsetup --batch-mode luksFormat --key-file=- /dev/sdd <${input}`;
const opened = (input: string) => `cryptsetup open --persistent --key-file=- /dev/sdd c <${input}`;

const cases: readonly (readonly [what: string, node: object, commands: readonly string[]])[] = [
  [
    "a token alone: a password that nobody knows, and that is removed",
    { enrollFido2: true, enrollRecovery: false, extraFido2EnrollArgs: ["--fido2-with-client-pin=no"] },
    [
      "require_token c",
      luksFormat("drawn"),
      opened("drawn"),
      "enrol c /dev/sdd - --fido2-device=auto --fido2-with-client-pin=no <drawn",
      "cryptsetup --batch-mode luksRemoveKey --key-file=- /dev/sdd <drawn",
      "at_terminal cryptsetup open --persistent --token-type=systemd-fido2 /dev/sdd c",
    ],
  ],
  [
    "a token, which brings a recovery key with it",
    { enrollFido2: true },
    [
      "require_token c",
      "require_terminal c",
      luksFormat("drawn"),
      opened("drawn"),
      "enrol c /dev/sdd - --recovery-key <drawn",
      "enrol c /dev/sdd - --fido2-device=auto <drawn",
      "cryptsetup --batch-mode luksRemoveKey --key-file=- /dev/sdd <drawn",
      "at_terminal cryptsetup open --persistent --token-type=systemd-fido2 /dev/sdd c",
    ],
  ],
  [
    "a token beside a password of the user's own, which stays",
    { enrollFido2: true, enrollRecovery: false, passwordFile: "/p" },
    [
      "require_token c",
      "require_terminal c",
      luksFormat("file"),
      "enrol c /dev/sdd - --fido2-device=auto <file",
      opened("file"),
    ],
  ],
  [
    "a recovery key beside a password that is typed",
    { enrollRecovery: true },
    ["require_terminal c", luksFormat("asked"), "enrol c /dev/sdd - --recovery-key <asked", opened("asked")],
  ],
  [
    "a recovery key beside a key file",
    { enrollRecovery: true, settings: { keyFile: "/k" } },
    [
      "require_terminal c",
      "cryptsetup --batch-mode luksFormat --key-file=/k /dev/sdd",
      "enrol c /dev/sdd /k --recovery-key",
      "cryptsetup open --persistent --key-file=/k /dev/sdd c",
    ],
  ],
];

for (const [what, node, commands] of cases) {
  test(what, (t) => t.deepEqual(format(node), commands));
}

test("what it takes is looked at before anything is destroyed, and where it is made already, not at all", (t) => {
  const guardsOf = (steps: readonly Step[]) =>
    steps.flatMap((one) => (one.kind === "commands" ? [one.guards.map(({ kind }) => kind)] : []));
  const wiped = checksBeforeWipe(treeWith({ enrollFido2: true }), setting);
  t.deepEqual(commandsOf(wiped), ["require_token c", "require_terminal c"]);
  t.deepEqual(guardsOf(wiped), [[]]);
  const kept = checksBeforeWipe(treeWith({ enrollFido2: true }, { destroy: false }), setting);
  t.deepEqual(guardsOf(kept), [["is unmade so far"]]);
  t.deepEqual(checksBeforeWipe(treeWith({ passwordFile: "/p" }), setting), []);
  const [look, check] = treeSteps("format", treeWith({ enrollFido2: true }), setting);
  t.is(look?.kind, "look");
  t.deepEqual(guardsOf(check === undefined ? [] : [check]), [["is unmade so far"]]);
});

test("the program is looked for as all others are", (t) => {
  const toolsFor = (node: object) => toolsOf(treeSteps("format", treeWith(node), setting));
  t.true(toolsFor({ enrollRecovery: true }).includes("systemd-cryptenroll"));
  t.false(toolsFor({}).includes("systemd-cryptenroll"));
});

for (const [what, node, reason] of [
  ["LUKS1", { enrollFido2: true, extraFormatArgs: ["--type luks1"] }, /LUKS1 has no room for tokens/],
  ["a part of a key file", { enrollRecovery: true, settings: { keyFile: "/k", keyFileSize: 32 } }, /as a whole/],
] as const) {
  test(`${what} is refused before anything runs`, (t) => {
    const error = t.throws(() => treeSteps("format", treeWith(node), setting), { instanceOf: MkimageError });
    t.is(error?.code, "BAD_REQUEST");
    t.regex(error?.message ?? "", reason);
  });
}

test("no image can have them, and the reason is told", (t) => {
  t.regex(unbuildable(treeWith({ enrollFido2: true })).join(), /^disk\.d\.content: enrollFido2: .*--fido2-device=auto/);
  t.regex(
    unbuildable(treeWith({ enrollRecovery: true })).join(),
    /^disk\.d\.content: enrollRecovery: .*--recovery-key/,
  );
  t.deepEqual(unbuildable(treeWith({ passwordFile: "/p" })), []);
  t.deepEqual(unbuildable(treeWith({ enrollFido2: false, enrollRecovery: null })), []);
});

test("the installed system opens it by the token", (t) => {
  const moduleOf = (settings: object) => nixosModule(treeWith({ enrollFido2: true, settings }));
  t.regex(moduleOf({}), /crypttabExtraOpts = \[\s*"fido2-device=auto"\s*\]/);
  t.regex(moduleOf({}), /systemd.*enable.* = true/);
  const own = moduleOf({ crypttabExtraOpts: ["fido2-device=/dev/hidraw0", "tries=0"] });
  t.regex(own, /"fido2-device=\/dev\/hidraw0"\s+"tries=0"\s*\]/);
  t.false(own.includes("fido2-device=auto"));
  t.regex(moduleOf({ crypttabExtraOpts: ["tries=0"] }), /"tries=0"\s+"fido2-device=auto"/);
  t.false(nixosModule(treeWith({ passwordFile: "/p" })).includes("crypttabExtraOpts"));
});

test("the scripts pass bash -n and shellcheck", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [index, [, node]] of cases.entries()) {
    const tree = treeWith(node);
    const steps = [...checksBeforeWipe(tree, setting), ...treeSteps("format", tree, setting)];
    const file = join(folder, `${index}.sh`);
    writeFileSync(file, renderScript([...steps, ...treeSteps("mount", tree, setting)]));
    execFileSync("bash", ["-n", file]);
    const judged = spawnSync("shellcheck", [file], { encoding: "utf8", env: { ...process.env, LC_ALL: "C.UTF-8" } });
    t.is(judged.stdout, "");
  }
});
