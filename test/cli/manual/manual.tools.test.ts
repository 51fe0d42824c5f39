import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { Command } from "commander";
import { program } from "../../../src/cli/program.ts";
import { verbsOf } from "../../../src/cli/manual/command-tree.ts";
import { completionScript, type Shell, shells } from "../../../src/cli/manual/completion.ts";
import { manualPage } from "../../../src/cli/manual/manual-page.ts";

const verbs = verbsOf(program(new AbortController().signal));
const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function script(shell: Shell): string {
  const path = join(folder, `completion.${shell}`);
  writeFileSync(path, completionScript(shell, verbs));
  return path;
}

function run(file: string, ...arguments_: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync(file, arguments_, { encoding: "utf8" });
  if (error !== undefined) throw error;
  return { status, output: `${stdout}${stderr}` };
}

for (const shell of shells) {
  test(`the completion for ${shell} is a script that ${shell} reads`, (t) => {
    t.deepEqual(run(shell, "-n", script(shell)), { status: 0, output: "" });
  });
}

/** The completions that bash offers for a line whose last word is being typed. */
function offered(...words: readonly string[]): string[] {
  const line = ["mkimage", ...words];
  const setUp = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mkimage; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run("bash", "-c", setUp, "bash", script("bash"), ...line)
    .output.trim()
    .split("\n");
}

test("bash completes verbs, options of the verb at hand, and their values", (t) => {
  t.true(offered("").includes("plan"));
  t.deepEqual(offered("wri"), ["write"]);
  t.true(offered("--form").includes("--format"));
  t.deepEqual(offered("build", "--format", "v"), ["vdi", "vpc", "vpc-fixed", "vhdx", "vmdk"]);
  t.deepEqual(offered("plan", "--format", "qcow2", "--parti"), ["--partition"]);
  t.deepEqual(offered("write", "--parti"), [""]);
});

test("fish completes a call without a verb as build", (t) => {
  const { output } = run("fish", "-c", `source ${script("fish")}; complete -C 'mkimage --partition '`);
  t.regex(output, /^efixbootldr\t/m);
});

test("shellcheck has nothing to say about the completion for bash", (t) => {
  t.is(run("shellcheck", script("bash")).output, "");
});

test("groff reads the manual page without a warning, and every option is in it", (t) => {
  const path = join(folder, "mkimage.1");
  writeFileSync(path, manualPage(verbs, "1.0"));
  t.deepEqual(run("groff", "-man", "-ww", "-z", path), { status: 0, output: "" });
  const { output } = run("groff", "-man", "-Tutf8", "-P-cbou", path);
  for (const { options } of verbs) for (const { name } of options) t.true(output.includes(`--${name}`), name);
});

test("a verb that somebody adds is completed and described", (t) => {
  const root = new Command("mkimage").addCommand(
    new Command("fly").description("leave").option("--far <km>", "how far"),
  );
  t.true(completionScript("bash", verbsOf(root)).includes("--far"));
  t.true(manualPage(verbsOf(root), "1").includes("how far"));
});
