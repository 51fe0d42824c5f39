import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import * as fc from "fast-check";
import { renderScript } from "../../src/devices/steps/script.ts";
import { type HookValue, type Input, type Step, step } from "../../src/steps/step.ts";
import { allSteps, fixture, fixtureNames, fixtureSteps, stepsOf } from "./fixtures.ts";
import { treeSteps } from "../../src/devices/steps/tree-steps.ts";

const phases = ["create", "mount", "unmount", "destroy"] as const;

// One script for all trees and all that is done with them, since most of each is the functions that they share.
test("the scripts of all trees pass bash -n and shellcheck", (t) => {
  const file = join(mkdtempSync(join(tmpdir(), "mkimage-test-")), "script.sh");
  t.teardown(() => rmSync(join(file, ".."), { recursive: true, force: true }));
  const steps = fixtureNames.map(fixtureSteps);
  writeFileSync(file, renderScript(phases.flatMap((phase) => steps.flatMap((each) => each[phase]))));
  execFileSync("bash", ["-n", file]);
  const judged = spawnSync("shellcheck", [file], { encoding: "utf8", env: { ...process.env, LC_ALL: "C.UTF-8" } });
  t.is(judged.stdout, "");
  t.is(judged.status, 0);
});

test("scripts are made where nothing is known of the disks, too", (t) => {
  const trees = fixtureNames.filter((name) => name !== "long-device-name").map(fixture);
  for (const tree of trees)
    for (const phase of phases) t.notThrows(() => renderScript(allSteps(tree, { root: "/mnt" })[phase]));
});

test("a share of the disk needs to know the disk", (t) => {
  const error = t.throws(() => treeSteps("format", fixture("long-device-name"), { root: "/mnt" }));
  t.true(error.message.includes("partitions.root: a size of 50%"));
  for (const mode of ["mount", "unmount", "destroy"] as const)
    t.notThrows(() => treeSteps(mode, fixture("long-device-name"), { root: "/mnt" }));
});

test("no password is among the commands that bash shows", (t) => {
  const file = join(mkdtempSync(join(tmpdir(), "mkimage-test-")), "password");
  t.teardown(() => rmSync(join(file, ".."), { recursive: true, force: true }));
  writeFileSync(file, "from-the-file\n");
  const from = (input: Input) => ({ argv: ["sha256sum"], input });
  const inputs = [
    { kind: "asked", name: "asked", times: 2 },
    { kind: "drawn", name: "drawn" },
    { kind: "file", path: file },
  ] as const;
  const script = renderScript([step("disk.a", "take passwords", [], ...inputs.map(from))]);
  const typed = "one-mistyped\nother-mistyped\ntyped\ntyped\n";
  const { stdout, stderr, status } = spawnSync("bash", ["-x", "-c", script], { encoding: "utf8", input: typed });
  t.is(status, 0, stderr);
  const sums = [...stdout.matchAll(/^[0-9a-f]{64}/gm)].map(([sum]) => sum);
  const sumOf = (text: string) => createHash("sha256").update(text).digest("hex");
  t.is(sums.length, 3);
  t.deepEqual([sums[0], sums[2]], [sumOf("typed"), sumOf("from-the-file")]);
  t.regex(stderr, /^\++ sha256sum$/m);
  for (const secret of ["mistyped", "typed\n", "from-the-file"]) t.false(stderr.includes(secret), secret);
  t.notRegex(stderr, /[0-9a-f]{64}/);
});

const word = fc.string({ unit: "binary", maxLength: 12 }).filter((text) => !text.includes("\0"));
const hostile = fc.oneof(word, fc.constantFrom("-n", "a b", "'", '"', "\n", "$HOME", "`id`", "ü", "\\", "*", "#x", ""));

test("whatever a word holds, the command gets exactly that", (t) => {
  const property = fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), hostile, (words, title) => {
    const steps = [step("disk.a", title, [], ["printf", "<%s>", ...words])];
    t.is(runScript(steps), `==> ${title}\n${words.map((one) => `<${one}>`).join("")}`);
  });
  fc.assert(property, { numRuns: 60 });
});

test("hooks find what the options hold, whatever that is", (t) => {
  const variables = fc.record({ text: hostile, list: fc.array(hostile, { minLength: 1, maxLength: 3 }) });
  const property = fc.property(variables, ({ text, list }) => {
    const shell = `printf '<%s>' "$text" "\${list[@]}" # a comment at the end`;
    t.is(runScript([hook(shell, { text, list })]), `==> hook\n${[text, ...list].map((one) => `<${one}>`).join("")}`);
  });
  fc.assert(property, { numRuns: 60 });
});

test("a set of texts is a set in a hook", (t) => {
  const shell = `printf '%s' "\${settings[key file]}"`;
  t.is(runScript([hook(shell, { settings: { "key file": "it's", other: "x" } })]), "==> hook\nit's");
});

test("a hook's variables end with it", (t) => {
  t.is(runScript([hook("text=b", { text: "a" }), hook('echo "${text-none}"', {})]), "==> hook\n==> hook\nnone\n");
});

test("hooks get the options that they speak of, with the device of this machine", (t) => {
  const content = {
    type: "filesystem",
    format: "ext4",
    mountpoint: "/x",
    postMountHook: 'echo "$device" $rootMountPoint',
  };
  const { mount } = stepsOf({ disk: { a: { device: "/dev/sda", content } } }, { devices: { a: "/dev/loop7" } });
  const found = mount.find((one) => one.kind === "hook");
  t.deepEqual(found?.kind === "hook" ? found.variables : undefined, { device: "/dev/loop7", rootMountPoint: "/mnt" });
});

test("what a guard sees decides, and every guard has to hold", (t) => {
  const printed = (...guards: Parameters<typeof step>[2]) =>
    runScript([step("x", "s", guards, ["echo", "done"])]).includes("done");
  t.true(printed({ kind: "succeeds", argv: ["true"] }));
  t.false(printed({ kind: "succeeds", argv: ["false"] }));
  t.true(printed({ kind: "fails", argv: ["false"] }));
  t.false(printed({ kind: "fails", argv: ["false"] }, { kind: "succeeds", argv: ["false"] }));
  t.true(printed({ kind: "prints", argv: ["echo", "a"], text: "a" }));
  t.false(printed({ kind: "prints", argv: ["echo", "ab"], text: "a" }));
  t.true(printed({ kind: "prints nothing", argv: ["true"] }));
  t.false(printed({ kind: "prints nothing", argv: ["echo", "x"] }));
});

test("the first command that fails ends the script", (t) => {
  const script = renderScript([step("x", "a", [], ["false"]), step("x", "b", [], ["echo", "never"])]);
  const { status, stdout } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  t.is(status, 1);
  t.is(stdout, "==> a\n");
});

test("a password is asked for once, twice where it is made, until both are alike", (t) => {
  const cat = (times: 1 | 2) => ({ argv: ["cat"], input: { kind: "asked", name: "c", times } }) as const;
  const script = renderScript([step("x", "format", [], cat(2)), step("x", "open", [], cat(1))]);
  const { stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8", input: "a\nb\n p\\w\n p\\w\n" });
  t.is(stdout, "==> format\n p\\w==> open\n p\\w");
  t.true(stderr.includes("two different passwords"));
});

test("a file's contents are a password without its last line breaks", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "pass 'word'");
  writeFileSync(path, "se cret\n\n");
  t.is(runScript([step("x", "s", [], { argv: ["cat"], input: { kind: "file", path } })]), "==> s\nse cret");
});

function hook(shell: string, variables: Record<string, HookValue>): Step {
  return { kind: "hook", path: "disk.a", title: "hook", shell, variables };
}

function runScript(steps: readonly Step[]): string {
  return execFileSync("bash", ["-c", renderScript(steps)], { encoding: "utf8" });
}
